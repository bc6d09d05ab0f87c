"""The first steps of a reader: fields, papers or a file of references become an interest, and a harvest begins."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from msgspec.structs import replace

from broadsheet.errors import BroadsheetError, FormatError, NotHad, StoreBusy, UsageError
from broadsheet.library import fields
from broadsheet.library.handle import Library, Progress
from broadsheet.library.harvest.pull import pull
from broadsheet.library.index import learn_behind
from broadsheet.library.interest import seeding
from broadsheet.library.interest.profiles import add_interest, edit_interest
from broadsheet.library.readers import prefer, preferences_of
from broadsheet.library.upkeep import switches
from broadsheet.rank.profile import MAIN, Said
from broadsheet.types import Reader
from broadsheet.words.said import in_a_row, said

PATIENCE: Final = 600.0
"""Seconds that papers wait for a harvest that is under way before they are taken in."""

_Made = TypeVar("_Made")


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a newcomer says. `file`: of references, which is taken away once it was read.

    `only`: no other fields are to be harvested than these.
    """

    fields: tuple[str, ...] = ()
    about: str = ""
    papers: tuple[str, ...] = ()
    file: Path | None = None
    only: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing was said."""
        return not (self.fields or self.about.strip() or self.papers or self.file)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a reader stands. `is_new`: nothing is known of what they like."""

    is_empty: bool
    is_new: bool


def standing(lib: Library, reader: Reader) -> Standing:
    """Whether there are papers, and whether anything is known of a reader."""
    from broadsheet.store import interests

    with lib.store.still() as conn:
        return Standing(lib.store.is_empty(), not interests.has_any(conn, reader.id))


def begin(lib: Library, reader: Reader, wishes: Wishes) -> bool:
    """Make an interest of what is said, and get the papers that it needs, behind the page. False where that needs none.

    A new reader's editions open in the order of it from then on. Who administers the library adds the fields to what is
    harvested, or replaces it by them. Raises UsageError where nothing is said or a field is none; StoreBusy while the
    same reader's papers are still being taken in.
    """
    if wishes.is_empty:
        raise UsageError(
            "page", "there is nothing yet to make it of", "tick a field, give a file, name a paper or write a few words"
        )
    chosen = fields.checked(lib, wishes.fields)
    if len(wishes.papers) > seeding.MOST_ASKED:
        raise UsageError(
            "papers",
            said("are %(many)s", many=len(wishes.papers)),
            said("name %(most)s at most, or give a file", most=seeding.MOST_ASKED),
        )
    lib.background.seen(reader.name)
    was_empty, is_new = lib.store.is_empty(), standing(lib, reader).is_new
    if is_new:
        prefer(lib, reader, replace(preferences_of(lib, reader), sort="mine"))
    _say(lib, reader, Said(categories=chosen, about=(wishes.about.strip(),) if wishes.about.strip() else ()))
    wider = harvested_for(lib, reader) and _harvest_these(lib, chosen, only=wishes.only)

    def do(progress: Progress) -> None:
        missing = (
            _patiently(lambda: _take_papers(lib, reader, wishes, progress)) if wishes.papers or wishes.file else None
        )
        if wider or was_empty:
            _patiently(lambda: harvest(lib, progress))
        if lib.stream.is_due():
            lib.stream.space(progress)  # else the first look at the list would wait for it
        if missing:
            raise missing

    needed = bool(wishes.papers or wishes.file or wider or was_empty)
    if needed:
        lib.background.begin(said("the first page of %(name)s", name=reader.name), do, whose=reader.name)
        learn_behind(lib)
    return needed


def check_file(file: Path, name: str) -> None:
    """Raises UsageError where a file, called `name` by who sent it, is of no format that papers come in."""
    from broadsheet.sources.formats import format_of

    try:
        format_of(file)
    except FormatError as e:
        raise UsageError(
            said("file %(name)s", name=name), e.cause, "send papers as BibTeX, RIS or CSL-JSON, or leave it out"
        ) from e


def harvest(lib: Library, progress: Progress) -> None:
    """Ask every source that is on. Raises BroadsheetError where none gave anything."""
    report = pull(lib, force=True, counting=False, progress=progress)
    if report.all_failed:
        told = dict.fromkeys(run.error or run.note or run.state for run in report.runs)
        raise BroadsheetError("harvest", in_a_row(told))


def _say(lib: Library, reader: Reader, said: Said) -> None:
    from broadsheet.store import interests

    with lib.store.reading() as conn:
        there = interests.named(conn, reader.id, MAIN)
    if there is None:
        add_interest(lib, reader.name, MAIN, said)
    else:
        edit_interest(lib, reader.name, MAIN, said)


def harvested_for(lib: Library, reader: Reader) -> tuple[str, ...]:
    """The fields that are harvested, for whoever changes that by choosing fields; nothing for others."""
    there = switches.switches(lib)[switches.CATEGORIES]
    return there.value if reader.role == "admin" and not there.is_fixed else ()


def _harvest_these(lib: Library, chosen: tuple[str, ...], *, only: bool) -> bool:
    """Harvest those of these fields that arXiv has, too, or `only` them; False where that is so already."""
    from broadsheet.sources.arxiv_fields import KNOWN

    there = lib.settings.arxiv.categories
    asked = tuple(field for field in chosen if field in KNOWN)
    wanted = asked if only else tuple(dict.fromkeys((*there, *(f for f in asked if not _has(there, f)))))
    if not asked or wanted == there:
        return False
    switches.switch(lib, switches.CATEGORIES, wanted)
    return True


def _has(there: tuple[str, ...], field: str) -> bool:
    return field in there or field.partition(".")[0] in there


def _take_papers(lib: Library, reader: Reader, wishes: Wishes, progress: Progress) -> BroadsheetError | None:
    """Into the interest; what could not be had and why is returned, to be told once the rest is in.

    What a file says of papers is taken in from those alone who may change what all read.
    """
    papers, each = wishes.papers, list[str]()
    files = (str(wishes.file),) if wishes.file and reader.role != "reader" else ()
    try:
        if wishes.file and not files:
            known = seeding.recognise(lib, str(wishes.file), progress)
            papers, each = (*papers, *known.keys), [*seeding.told(known.dropped)]
        each += seeding.told(edit_interest(lib, reader.name, MAIN, Said(papers=papers, files=files), progress).dropped)
    except NotHad as e:
        each += e.each
    except UsageError as e:
        return e
    finally:
        if wishes.file:
            wishes.file.unlink(missing_ok=True)
    return NotHad("papers", said("%(n)s could not be had", n=len(each)), each=each) if each else None


def _patiently(do: Callable[[], _Made]) -> _Made:
    """Do what needs the library to itself once nobody else writes."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            return do()
        except StoreBusy:
            if time.monotonic() > until:
                raise
            time.sleep(1.0)
