"""Counts over time as small charts: SVG made here, without a style or a script of its own, in the page's own colours.

A count holds until the next one, so that a line has steps. The scale begins at zero: a tall step is a large share.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from markupsafe import Markup

from broadsheet.types import Signal
from broadsheet.web.names import source_name
from broadsheet.words.said import said

WIDTH: Final = 240
HEIGHT: Final = 64
_TOP: Final = 6
MOST_POINTS: Final = 120
"""Of a line: more are closer than a pixel."""

_KINDS: Final[dict[str, str]] = {
    "upvotes": said("Votes"),
    "comments": said("Comments"),
    "github_stars": said("Stars"),
    "citations": said("Citations"),
}


@dataclass(frozen=True, slots=True)
class Chart:
    """How a count of one source went: `points` are what the line shows, the same for those who do not see it."""

    signal: Signal
    points: tuple[tuple[datetime, int], ...]

    @property
    def what(self) -> str:
        """What was counted, in words."""
        return name_of(self.signal.kind)

    @property
    def source(self) -> str:
        """Who counted."""
        return source_name(self.signal.source)

    @property
    def latest(self) -> int:
        """The newest count."""
        return self.points[-1][1]

    @property
    def days(self) -> tuple[date, ...]:
        """When it begins and ends; once where that is one day."""
        return tuple(dict.fromkeys((self.points[0][0].date(), self.points[-1][0].date())))

    def drawn(self, label: str) -> Markup:
        """The drawing; the label says in words where it begins and ends."""
        x, y = _placed(self.points)[-1]
        return Markup(
            '<svg class="chart" role="img" viewBox="0 0 {w} {h}" width="{w}" height="{h}" aria-label="{label}">'
            '<path class="area" d="{line} L {x} {base} L 0 {base} Z"/><path class="line" d="{line}"/>'
            '<path class="base" d="M 0 {base} H {w}"/><circle cx="{x}" cy="{y}" r="3"/></svg>'
        ).format(w=WIDTH + 4, h=HEIGHT + 1, base=HEIGHT, label=label, line=_line(self.points), x=x, y=y)


def charts(signals: Iterable[Signal]) -> tuple[Chart, ...]:
    """A chart of each count that moved, those with most looks first: a level line says no more than its number."""
    series: dict[tuple[str, str], dict[datetime, Signal]] = defaultdict(dict)
    for signal in signals:
        series[signal.source, signal.kind][signal.at] = signal
    told = [
        Chart(points[max(points)], _thinned([(at, points[at].value) for at in sorted(points)]))
        for points in series.values()
        if len({signal.value for signal in points.values()}) > 1
    ]
    return tuple(sorted(told, key=lambda chart: (-len(chart.points), chart.what, chart.source)))


def name_of(kind: str) -> str:
    """`github_stars` in words."""
    words = kind.replace("_", " ")
    return _KINDS.get(kind, words[:1].upper() + words[1:])


def _thinned(points: Sequence[tuple[datetime, int]]) -> tuple[tuple[datetime, int], ...]:
    """Evenly chosen points, the first and the last among them."""
    if len(points) <= MOST_POINTS:
        return tuple(points)
    step = (len(points) - 1) / (MOST_POINTS - 1)
    return tuple(points[round(i * step)] for i in range(MOST_POINTS))


def _placed(points: Sequence[tuple[datetime, int]]) -> list[tuple[float, float]]:
    """Where each count is drawn."""
    begin = points[0][0]
    span = (points[-1][0] - begin).total_seconds() or 1.0
    most = max(value for _, value in points) or 1
    return [
        (
            round(WIDTH * (at - begin).total_seconds() / span, 1),
            round(HEIGHT - (HEIGHT - _TOP) * max(value, 0) / most, 1),
        )
        for at, value in points
    ]


def _line(points: Sequence[tuple[datetime, int]]) -> str:
    first, *rest = _placed(points)
    return " ".join([f"M {first[0]} {first[1]}", *(f"H {x} V {y}" for x, y in rest)])
