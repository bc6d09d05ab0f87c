"""Counts over time in a line: a small curve, the first and the last count, and when they were seen."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from broadsheet.types import Signal

BLOCKS = "▁▂▃▄▅▆▇█"
WIDTH = 12


def lines(signals: Iterable[Signal]) -> list[tuple[str, str]]:
    """For each kind and source the name of the kind and its line, by kind, then source."""

    def series(signal: Signal) -> tuple[str, str]:
        return signal.kind, signal.source

    ordered = sorted(signals, key=lambda s: (*series(s), s.at))
    return [(kind.replace("_", " "), _line(list(own), source)) for (kind, source), own in groupby(ordered, series)]


def curve(values: Sequence[tuple[float, int]], width: int = WIDTH) -> str:
    """Blocks for counts at times, in order of time: each the last count known by then, from the least to the most."""
    (first, _), (last, _) = values[0], values[-1]
    least, most = min(value for _, value in values), max(value for _, value in values)
    steps, at = [], 0
    for number in range(width):
        moment = last if number == width - 1 else first + (last - first) * number / (width - 1)
        while at + 1 < len(values) and values[at + 1][0] <= moment:
            at += 1
        steps.append((values[at][1] - least) * (len(BLOCKS) - 1) // (most - least) if most > least else 0)
    return "".join(BLOCKS[step] for step in steps)


def _line(own: Sequence[Signal], source: str) -> str:
    first, last = own[0], own[-1]
    if first.at == last.at:
        return f"{last.value:,} ({source}, {last.at:%Y-%m-%d %H:%M} UTC)"
    drawn = curve([(signal.at.timestamp(), signal.value) for signal in own])
    seen = f"{len(own):,} counts, {first.at:%Y-%m-%d %H:%M} to {last.at:%Y-%m-%d %H:%M} UTC"
    return f"{last.value:,}  {drawn}  from {first.value:,} ({source}, {seen})"
