"""What two works have in common, apart from their ids: titles, people, years, abstracts."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from broadsheet.identity.sketch import Overlap, overlap
from broadsheet.text import name_key, plain, title_key, words
from broadsheet.types import Author, Work

_ROMAN = frozenset(["ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii"])
_PARTS = frozenset(["part", "chapter", "volume", "vol", "addendum", "erratum", "corrigendum", "reply", "comment"])
_NUMBER = re.compile(r"v?[0-9]+")
_NUMBERED_NAME = re.compile(r"([^\W\d_]{2,})v?[0-9]+")
_NOBODY = frozenset(("", "others", "al e"))  # "and others", "et al."
_JOINED = re.compile(r";|\band\b|&")


@dataclass(frozen=True, slots=True)
class People:
    """How many authors two works share, of the shorter list; `all_same` if the lists name the same people."""

    shared: int
    of: int
    all_same: bool

    @property
    def known(self) -> bool:
        return self.of > 0

    @property
    def share(self) -> float:
        return self.shared / self.of if self.of else 0.0


@dataclass(frozen=True, slots=True)
class Titles:
    """How two titles that are not equal differ. `alike` is the Jaccard index of their words, 0..1.

    `numbers` are marks of part, edition, version or year that only one of them has; `name` is a coined name before a
    colon that both have; `extended` if one goes on where the other ends.
    """

    alike: float
    numbers: tuple[str, ...]
    name: str
    extended: bool


def people(a: Iterable[Author], b: Iterable[Author]) -> People:
    """The authors that two lists share: `Doe, Jane` is `J. Doe`; `Wang Wei` is `Wei Wang` if most names are turned."""
    one, other = _names(a), _names(b)
    keys, others = {name_key(name) for name in one} - _NOBODY, {name_key(name) for name in other} - _NOBODY
    of = min(len(keys), len(others))
    shared = len(keys & others)
    if of and shared * 2 < of:
        shared = max(shared, len({_turned(name) for name in one} & {_turned(name) for name in other}))
    return People(min(shared, of), of, of > 0 and shared >= max(len(keys), len(others)))


def _names(authors: Iterable[Author]) -> list[str]:
    found: list[str] = []
    for author in authors:
        if "," in author.name or ";" in author.name or " and " in author.name:
            found += _taken_apart(author.name)
        else:
            found.append(author.name)
    return found


def _taken_apart(joined: str) -> list[str]:
    """The names of a list that came as one string; `Doe, Jane` and `van der Goot, Rob Jan` are one name."""
    names: list[str] = []
    for entry in _JOINED.split(joined):
        parts = [part.strip() for part in entry.split(",") if part.strip()]
        lengths = [len(part.split()) for part in parts]
        several = len(parts) > 2 or (len(parts) == 2 and min(lengths) > 1 and not parts[0][:1].islower())
        names += parts if several and max(lengths) > 1 else [entry] if parts else []
    return names


def _turned(name: str) -> tuple[str, ...]:
    """The words of a name in alphabetical order: the same whichever of them is the surname."""
    return tuple(sorted(words(plain(name))))


def titles(a: str, b: str) -> Titles:
    """How two titles differ, in words that a person would point at."""
    one, other = words(plain(a)), words(plain(b))
    mine, yours = set(one), set(other)
    both = mine | yours
    alike = len(mine & yours) / len(both) if both else 0.0
    return Titles(alike, _numbers(one, other), _shared_name(a, b), _extended(title_key(a), title_key(b)))


def _numbers(one: list[str], other: list[str]) -> tuple[str, ...]:
    """Marks of part, edition, version or year that only one of two titles has, or has once more ("Type-II …, II")."""
    mine, yours = Counter(one), Counter(other)
    found: set[str] = set()
    for some, others in ((mine, yours), (yours, mine)):
        extra = (some - others).keys()
        found |= {word for word in extra if _NUMBER.fullmatch(word) or word in _ROMAN or word in _PARTS}
        found |= {word for word in extra if (name := _NUMBERED_NAME.fullmatch(word)) and name[1] in others}
    if found and mine["i"] != yours["i"]:
        found.add("i")
    return tuple(sorted(found))


def _shared_name(a: str, b: str) -> str:
    one, colon, _ = plain(a).partition(":")
    other, other_colon, _ = plain(b).partition(":")
    one = one.strip()
    coined = bool(colon and other_colon) and " " not in one and sum(c.isupper() for c in one) > 1
    return one if coined and one.casefold() == other.strip().casefold() else ""


def _extended(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return len(short) >= 20 and (long.startswith(short) or long.endswith(short))


def abstracts(a: Work, b: Work) -> Overlap | None:
    return overlap(a.abstract, b.abstract)


def years_apart(a: Work, b: Work) -> int | None:
    """Years between two works where both say one."""
    if a.published is None or b.published is None:
        return None
    return abs(a.published.year - b.published.year)
