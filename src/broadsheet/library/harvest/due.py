"""Which sources there are and which are to be asked now: of papers by the clock, of counts by the papers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, TypeAlias

from broadsheet.library.handle import Library
from broadsheet.library.harvest.polling import is_poll_due
from broadsheet.words.said import said

if TYPE_CHECKING:
    from broadsheet.sources import Source
    from broadsheet.sources.signals import SignalSource
    from broadsheet.store import Connection

    AnySource: TypeAlias = Source | SignalSource

AGAIN_AFTER: Final = timedelta(minutes=10)
"""How long a source that failed is left alone while nobody asks for it: it may be down because too many ask."""

ASKED_FOR = "asked-for"
"""A name in a source's cursor that no source uses itself."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a source stands: when its last good run and its last run of any end were started, and its cursor."""

    last_ok: datetime | None
    last: datetime | None
    cursor: Mapping[str, str]


def all_sources() -> "Mapping[str, AnySource]":
    """Every source that a person may name."""
    from broadsheet.sources import SOURCES
    from broadsheet.sources.signals import SIGNAL_SOURCES

    return {**SOURCES, **SIGNAL_SOURCES}


def known_sources(lib: Library) -> "Mapping[str, AnySource]":
    """The sources that the settings switch on."""
    off = {n for n, on in _switches(lib).items() if not on}
    return {n: s for n, s in all_sources().items() if n not in off}


def standing(conn: "Connection", name: str) -> Standing:
    """How the source of this name stands."""
    from broadsheet.store import cursors, runs

    last = runs.latest(conn, name).get(name)
    return Standing(runs.last_good(conn, name), last.started if last else None, cursors.get(conn, name))


def is_due(lib: Library, source: "AnySource", stands: Standing) -> bool:
    """Whether a source is to be asked again now: it is time, or it was last asked for other categories."""
    from broadsheet.sources.signals import SignalSource

    if isinstance(source, SignalSource):
        return is_poll_due(lib, source, stands.last)
    asked = stands.cursor.get(ASKED_FOR, wanted(lib))
    return asked != wanted(lib) or source.due(stands.last_ok, lib.now(), lib.settings)


def any_due(lib: Library) -> bool:
    """Whether a source that is on is to be asked now, by itself: one that failed is left alone for a while."""
    lib.refresh()
    with lib.store.reading() as conn:
        stands = [(source, standing(conn, name)) for name, source in known_sources(lib).items()]
    return any(is_due(lib, source, at) and not _failed_lately(at, lib.now()) for source, at in stands)


def _failed_lately(stands: Standing, now: datetime) -> bool:
    return stands.last is not None and stands.last != stands.last_ok and now - stands.last < AGAIN_AFTER


def wanted(lib: Library) -> str:
    """What is asked for, as a cursor keeps it."""
    return " ".join(sorted(lib.settings.arxiv.categories))


def doubts(lib: Library) -> list[str]:
    """Which categories look mistyped; they are asked for all the same, as arXiv may have new ones."""
    from broadsheet.sources.arxiv_fields import unknown

    doubted = unknown(lib.settings.arxiv.categories) if lib.settings.arxiv.enabled else ()
    return [
        said("category %(name)s is not known to be one of arXiv's, which are such as cs.CL or math", name=repr(name))
        for name in doubted
    ]


def _switches(lib: Library) -> dict[str, bool]:
    from broadsheet.sources.signals import SIGNAL_SOURCES

    switches = {name: source.enabled(lib.settings) for name, source in SIGNAL_SOURCES.items()}
    s = lib.settings
    return {"arxiv": s.arxiv.enabled, "arxiv-oai": s.arxiv.enabled, "huggingface": s.huggingface.enabled, **switches}
