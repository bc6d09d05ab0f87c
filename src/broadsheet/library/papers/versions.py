"""The versions of a paper: when each came, and what it changed, as far as the library holds the texts of both."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from broadsheet.library.papers.show import PaperView
from broadsheet.text import plain
from broadsheet.text.difference import Stretch, difference
from broadsheet.types import Earlier, Paper, Version


@dataclass(frozen=True, slots=True)
class VersionView:
    """A version and what it changed in title and abstract; empty where a text says the same as before.

    `against`: the number of the version it is compared with; None where the texts of both are not held, or it is the
    first. `held`: whether its own text is.
    """

    number: int
    date: datetime | None
    held: bool
    against: int | None = None
    title: tuple[Stretch, ...] = ()
    abstract: tuple[Stretch, ...] = ()

    @property
    def is_first(self) -> bool:
        """Whether there is none before it."""
        return self.number == 1


def versions_of(view: PaperView) -> tuple[VersionView, ...]:
    """The newest first. A version whose text was never seen is there with its date alone."""
    part = next((part for part in view.parts if part.versions), None)
    if part is None:
        return ()
    texts = _texts(part, view.earlier)
    return tuple(_view(version, texts) for version in reversed(part.versions))


def _texts(part: Paper, earlier: tuple[Earlier, ...]) -> dict[int, tuple[str, str]]:
    """Title and abstract by the number of a version."""
    said = part.title, part.abstract
    texts = {part.versions[-1].number: said}
    own = (e for e in earlier if e.part == part.key and e.version and e.version not in texts)
    for e in sorted(own, key=lambda e: -e.version):
        said = (e.title, e.abstract) if e.title or e.abstract else said
        texts[e.version] = said
    return texts


def _view(version: Version, texts: Mapping[int, tuple[str, str]]) -> VersionView:
    number = version.number
    before = max((other for other in texts if other < number), default=None)
    if number not in texts or before is None:
        return VersionView(number, version.date, number in texts)
    title, abstract = (_changes(old, new) for old, new in zip(texts[before], texts[number], strict=True))
    return VersionView(number, version.date, True, before, title, abstract)


def _changes(before: str, after: str) -> tuple[Stretch, ...]:
    return () if plain(before) == plain(after) else difference(before, after)
