"""Measuring forecasts of attention as if each day were today: learn from earlier days, forecast, go on."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from broadsheet.errors import UsageError
from broadsheet.library.handle import Library, Progress, no_progress

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from broadsheet.rank.evaluate_trending import Case, Track
    from broadsheet.rank.forecast import Forecast
    from broadsheet.rank.trending_metrics import Prediction

STEP = timedelta(days=7)
"""How long what was learnt is used before it is learnt anew. Pages learn anew with each harvest."""
ENCODED_AT_ONCE = 64


def evaluate_trending(
    lib: Library,
    folder: Path,
    *,
    history: Path | None = None,
    since: date | None = None,
    run_out: Path | None = None,
    progress: Progress = no_progress,
) -> dict[str, Any]:
    """Every metric of the protocol with 95 % intervals on each track and task, beside simple methods.

    What is learnt comes from `history`, the folder of earlier days; without one from the folder's own earlier days and
    from no count that was not yet taken. `since`: only days from this one on are forecast and measured. `run_out` gets
    the first-sight forecast of a week in the scorer's format, files beside it the others. Raises FormatError.
    """
    from broadsheet.rank import evaluate_trending as protocol

    cases = protocol.read_cases(folder)
    past = protocol.read_cases(history) if history else []
    asked = [case for case in cases if since is None or case.sighting.day >= since]
    if not any(case.late for case in asked):
        raise UsageError(f"collection {folder}", "has no counts to measure by", "give other days")
    lesson = _Lesson(past, cases, own_late=history is None, vectors=_vectors(lib, [*past, *cases], progress))
    tracks: dict[str, Any] = {}
    for track in protocol.TRACKS:
        made = {target: lesson.forecasts(asked, track, target, progress) for target in ("week", "month")}
        tracks[track] = {}
        for task, target in protocol.FORECAST_AS.items():
            told = _measured(asked, track, task, made[target])
            tracks[track] |= {task: told} if told else {}
            if run_out and task != "week4":
                _write(run_out, track, task, asked, made[target])
    return {"collection": folder.resolve().name, "papers": len(asked), "tracks": tracks}


@dataclass(frozen=True, slots=True)
class _Lesson:
    """What may be learnt from: papers of earlier days with their later counts, and the evaluated days' own."""

    past: "Sequence[Case]"
    cases: "Sequence[Case]"
    own_late: bool
    vectors: "Mapping[str, NDArray[np.float32]]"

    def forecasts(
        self, asked: "Sequence[Case]", track: "Track", target: str, progress: Progress
    ) -> "dict[str, Forecast]":
        """A forecast for each paper of the days that the target knows, each from what was known before its week."""
        from broadsheet.rank.forecast import forecast

        found: dict[str, Forecast] = {}
        weeks = list(_weeks(asked, target))
        for done, cases in enumerate(weeks, 1):
            now = min(case.sighting.at for case in cases)
            first = cases[0].sighting.day
            courses = [case.course(now, with_late=True) for case in self.past if case.sighting.day < first]
            courses += [c.course(now, with_late=self.own_late) for c in self.cases if c.sighting.day < first]
            seen = [case.seen(track) for case in cases]
            for made in forecast(courses, seen, _gaps(cases, track, target), self.vectors):
                found[made.key] = made
            progress(f"{track}, a {target} ahead", done, len(weeks))
        return found


def _weeks(asked: "Sequence[Case]", target: str) -> "Iterator[list[Case]]":
    """The papers of each seven days that hold a day of which the target knows."""
    days = sorted({case.sighting.day for case in asked})
    start = days[0]
    while start <= days[-1]:
        cases = [case for case in asked if start <= case.sighting.day < start + STEP]
        known = {case.sighting.day for case in cases if case.wanted(target)}
        if cases := [case for case in cases if case.sighting.day in known]:
            yield cases
        start += STEP


def _gaps(cases: "Sequence[Case]", track: "Track", target: str) -> list[float]:
    """Days from what is seen to the reading of the list, of each paper of the days that a list tells of."""
    read = {case.sighting.day: late.at for case in cases if (late := case.wanted(target))}
    return [(read[case.sighting.day] - case.seen(track).at) / timedelta(days=1) for case in cases]


def _measured(asked: "Sequence[Case]", track: "Track", task: str, made: "Mapping[str, Forecast]") -> dict[str, Any]:
    from broadsheet.rank import evaluate_trending as protocol
    from broadsheet.rank.trending_metrics import compare, summary

    cases, truth = protocol.truth(asked, task)
    if not cases:
        return {}
    ours = _prediction(cases, made)
    told: dict[str, Any] = {"broadsheet": summary(truth, ours)}
    for name, theirs in protocol.baselines(cases, track).items():
        told[name] = {**summary(truth, theirs), "p": compare(truth, ours, theirs)}
    return told


def _prediction(cases: "Sequence[Case]", made: "Mapping[str, Forecast]") -> "Prediction":
    import numpy as np

    from broadsheet.rank.trending_metrics import Prediction

    own = [made[case.sighting.key] for case in cases]
    level, *ends = (
        np.array(column) for column in zip(*((f.level, f.expected, f.low, f.high) for f in own), strict=True)
    )
    return Prediction(level, *ends)


def _vectors(lib: Library, cases: "Sequence[Case]", progress: Progress) -> "Mapping[str, NDArray[np.float32]]":
    """The texts' vectors by the encoder of this library; none where it has none."""
    from broadsheet.search.encoder import get_encoder
    from broadsheet.search.vector_target import encoded_text

    encoder = get_encoder(lib.settings.encoder, lib.home / "models")
    if encoder is None:
        return {}
    found: dict[str, Any] = {}
    for start in range(0, len(cases), ENCODED_AT_ONCE):
        some = [case.sighting for case in cases[start : start + ENCODED_AT_ONCE]]
        rows = encoder.encode([encoded_text(s.title, s.abstract) for s in some])
        found |= dict(zip((s.key for s in some), rows, strict=True))
        progress("texts", min(start + ENCODED_AT_ONCE, len(cases)), len(cases))
    return found


def _write(run_out: Path, track: "Track", task: str, asked: "Sequence[Case]", made: "Mapping[str, Forecast]") -> None:
    """`FILE` is the first-sight forecast of a week; `FILE` with track and task before its ending are all of them."""
    from broadsheet.rank import evaluate_trending as protocol

    cases, _ = protocol.truth(asked, task)
    text = "".join(protocol.run_lines(cases, _prediction(cases, made))) if cases else ""
    paths = [run_out.with_name(f"{run_out.stem}.{track}.{task}{run_out.suffix}")]
    paths += [run_out] if (track, task) == ("t0", "week") else []
    for path in paths:
        try:
            path.write_text(text, encoding="utf-8")
        except OSError as e:
            raise UsageError(f"run {path}", f"cannot be written ({e.strerror or e})", "give another file") from e
