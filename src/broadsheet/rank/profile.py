"""What readers say of an interest, and the profile that it makes. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from msgspec import structs

from broadsheet.errors import UsageError
from broadsheet.text import canonical_id, words
from broadsheet.types import Profile
from broadsheet.words import said as speech

MAIN: Final = "main"
"""The general interest: what a reader likes beside the others, or while there is no other."""

LONGEST_WORDS: Final = 2_000

_LISTS: Final = ("about", "include", "exclude", "categories", "authors")


@dataclass(frozen=True, slots=True)
class Said:
    """What a reader says of an interest now; each part is added to what there is, of which `drop` was taken away first.

    `papers`: keys, ids or addresses; `files`: of references; `authors` are followed, and their papers here are seeds.
    `drop`: seeds, words, categories or authors that no longer count. `terms`: weights from -1 to 1 (0: of no interest).
    """

    papers: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    terms: tuple[tuple[str, float], ...] = ()
    drop: tuple[str, ...] = ()
    share: float | None = None
    most: int | None = None
    least: float | None = None
    position: int | None = None
    name: str | None = None


def changed(profile: Profile, said: Said, seeds: Sequence[str] = ()) -> Profile:
    """A profile with what is said of it now. Raises UsageError for what nothing is known of or cannot be."""
    _check(said)
    lists = {"seeds": seeds, **{name: getattr(said, name) for name in _LISTS}}
    gone = {(canonical_id(word) or " ".join(word.split())).casefold() for word in said.drop}
    missed = set(gone)
    fields: dict[str, Any] = {}
    for name, more in lists.items():
        before = getattr(profile, name)
        kept = (item for item in before if item.casefold() not in gone)
        fields[name] = tuple(dict.fromkeys((*kept, *(" ".join(item.split()) for item in more))))
        missed -= {item.casefold() for item in before}
    terms = {term: weight for term, weight in profile.terms if term not in gone}
    terms |= {" ".join(term.casefold().split()): weight for term, weight in said.terms}
    fields["terms"] = tuple(terms.items())
    if missed := missed - {term for term, _ in profile.terms}:
        raise UsageError(
            speech.said("drop %(names)s", names=", ".join(sorted(missed))),
            "is nothing that the interest has",
            "`interest show` lists it",
        )
    for name in ("most", "least"):
        fields[name] = getattr(profile, name) if getattr(said, name) is None else getattr(said, name)
    return structs.replace(profile, **fields)


def _check(said: Said) -> None:
    for name in _LISTS:
        for item in getattr(said, name):
            if not words(item):
                raise UsageError(f"{name} {item!r}", "has no word in it", "write one, or leave it out")
            if len(item) > LONGEST_WORDS:
                raise UsageError(
                    f"{name} {item[:40]!r}…",
                    speech.said("is longer than %(most)s characters", most=LONGEST_WORDS),
                    "shorten it",
                )
    if said.share is not None and not 0 <= said.share <= 100:
        raise UsageError(
            speech.said("share %(share)s", share=f"{said.share:g}"),
            "is not between 0 and 100",
            "1 is as much as any other interest",
        )
    if said.least is not None and not 0 <= said.least <= 1:
        raise UsageError(speech.said("least probability %(least)s", least=f"{said.least:g}"), "is not between 0 and 1")
    if said.most is not None and said.most < 1:
        raise UsageError(speech.said("most %(most)s", most=said.most), "is no number of papers")
