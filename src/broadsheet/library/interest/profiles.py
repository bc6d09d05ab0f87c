"""Interests of readers: begun from papers, files, authors or words, changed, reset, carried elsewhere, forgotten."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from msgspec import structs

from broadsheet.errors import NotHad, UsageError
from broadsheet.library import fields, names
from broadsheet.library.handle import Library, Progress, no_progress
from broadsheet.library.interest import seeding
from broadsheet.library.readers import find_reader
from broadsheet.rank.profile import MAIN, Said, changed
from broadsheet.types import Drop, Interest, Paper, Profile, Reader
from broadsheet.words import said as speech

if TYPE_CHECKING:
    from broadsheet.library.interest.learn import Taught
    from broadsheet.library.interest.space import Space


LONGEST_NAME: Final = 80


@dataclass(frozen=True, slots=True)
class InterestView:
    """An interest as a reader sees it: what they said, the papers that teach it, and what was learnt, in words.

    `examples`: paper and label (1 or -1), seeds first; `report` is empty while nothing was learnt. `taken`: how many
    papers came of what was said now, `fetched` how many of them into the library. `unheard`: its texts of which the
    library's papers have hardly a word.
    """

    reader: str
    interest: Interest
    examples: tuple[tuple[Paper, int, bool], ...] = ()
    report: Mapping[str, Any] | None = None
    taken: int = 0
    fetched: int = 0
    dropped: tuple[Drop, ...] = ()
    unheard: tuple[str, ...] = ()


def add_interest(
    lib: Library, reader: str | None, name: str, said: Said, progress: Progress = no_progress
) -> InterestView:
    """A new interest, from whatever is said of it, which may be nothing. Raises UsageError for a name that is taken."""
    from broadsheet.store import interests

    who = find_reader(lib, reader)
    name = checked_name(name)
    with lib.store.reading() as conn:
        if interests.named(conn, who.id, name):
            raise UsageError(
                speech.said("interest %(name)s", name=name),
                "exists already",
                speech.said("`broadsheet interest edit %(name)s` changes it", name=f"{who.name} {name}"),
            )
    said = _of_known_fields(lib, said)
    seeds = _seeds(lib, said, progress)
    profile = changed(Profile(), said, seeds.keys)
    with lib.store.writing() as conn:
        made = interests.add(conn, who.id, name, profile, lib.now(), 1.0 if said.share is None else said.share)
    return _with_seeds(InterestView(who.name, made, unheard=_unheard(lib, profile)), seeds)


def edit_interest(
    lib: Library, reader: str | None, name: str, said: Said, progress: Progress = no_progress
) -> InterestView:
    """Say more of an interest, or take back what was said. Raises NotFound, UsageError for what cannot be."""
    from broadsheet.store import interests

    who, interest = find_interest(lib, reader, name)
    said = _of_known_fields(lib, said)
    seeds = _seeds(lib, said, progress)
    profile = changed(interest.profile, said, seeds.keys)
    new_name = interest.name if said.name is None else checked_name(said.name)
    with lib.store.writing() as conn:
        if new_name != interest.name and interests.named(conn, who.id, new_name):
            raise UsageError(speech.said("interest %(name)s", name=new_name), "exists already", "choose another name")
        if said.position is not None:
            _move(conn, who, interest, said.position)
            interest = interests.named(conn, who.id, name) or interest
        share = interest.share if said.share is None else said.share
        edited = structs.replace(interest, name=new_name, share=share, profile=profile)
        edited = interests.change(conn, edited, lib.now())
    return _with_seeds(InterestView(who.name, edited, unheard=_unheard(lib, profile)), seeds)


def list_interests(lib: Library, reader: str | None, learning: Progress | None = None) -> list[InterestView]:
    """A reader's interests in their order, as they were last learnt; with `learning`, they are learnt now."""
    from broadsheet.store import interests

    who = find_reader(lib, reader)
    if learning:
        learnt_of(lib, lib.stream.space(learning), who, learning)
    with lib.store.reading() as conn:
        own = interests.of(conn, [who.id])
        learnt = interests.learnt(conn, [i.id for i in own])
    return [InterestView(who.name, i, (), learnt[i.id].report if i.id in learnt else None) for i in own]


def show_interest(lib: Library, reader: str | None, name: str, progress: Progress = no_progress) -> InterestView:
    """All of an interest; what was said since it was learnt is learnt now. Raises NotFound."""
    from broadsheet.store import papers

    who, interest = find_interest(lib, reader, name)
    known = learnt_of(lib, lib.stream.space(progress), who, progress).get(interest.id)
    if known is None:
        return InterestView(who.name, interest)
    with lib.store.reading() as conn:
        found = papers.by_ids(conn, list(known.examples))
    examples = [(paper, known.examples[i].label, known.examples[i].at is None) for i, paper in found]
    ordered = tuple(sorted(examples, key=lambda e: (not e[2], -e[1])))
    return InterestView(who.name, interest, ordered, known.report, unheard=_unheard(lib, interest.profile))


def reset_interest(lib: Library, reader: str | None, name: str, *, everything: bool = False) -> InterestView:
    """Let an interest begin again: marks until now teach it nothing; `everything`: the profile is empty, too."""
    from broadsheet.store import interests

    who, interest = find_interest(lib, reader, name)
    profile = Profile() if everything else structs.replace(interest.profile, terms=())
    with lib.store.writing() as conn:
        begun = structs.replace(interest, profile=structs.replace(profile, since=lib.now()))
        return InterestView(who.name, interests.change(conn, begun, lib.now()))


def remove_interest(lib: Library, reader: str | None, name: str) -> Interest:
    """Forget an interest; the marks stay. Raises NotFound."""
    from broadsheet.store import interests

    who, interest = find_interest(lib, reader, name)
    with lib.store.writing() as conn:
        interests.remove(conn, interest.id)
        for other in interests.of(conn, [who.id]):
            interests.change(conn, other, lib.now())
    return interest


def find_interest(lib: Library, reader: str | None, name: str) -> tuple[Reader, Interest]:
    """A reader and their interest of that name, whatever its case. Raises NotFound that lists what there is."""
    from broadsheet.store import interests

    who = find_reader(lib, reader)
    with lib.store.reading() as conn:
        own = interests.of(conn, [who.id])
    folded = " ".join(name.split()).casefold()
    alike = [i for i in own if i.name.casefold() == folded]
    if alike:
        return who, next((i for i in alike if i.name == name), alike[0])
    way = speech.said("`broadsheet interest add %(name)s NAME` begins one", name=who.name)
    raise names.not_there(speech.said("interest %(name)s", name=repr(name)), [i.name for i in own], way)


def own_interests(lib: Library, who: Reader) -> list[Interest]:
    """A reader's interests in their order. Who marked papers and named no interest gets one for all of them."""
    from broadsheet.store import interests, marks

    with lib.store.reading() as conn:
        own = interests.of(conn, [who.id])
        if own or not marks.standing(conn, who.id, kinds=("up", "save")):
            return own
    with lib.store.writing() as conn:
        return interests.of(conn, [who.id]) or [interests.add(conn, who.id, MAIN, Profile(), lib.now())]


def learnt_of(
    lib: Library, space: "Space | None", who: Reader, progress: Progress = no_progress
) -> "dict[int, Taught]":
    """The models of a reader's interests in a space by id, up to the last mark; empty for a library without papers."""
    from broadsheet.library.interest.learn import taught

    return {t.interest.id: t for t in taught(lib, space, own_interests(lib, who), progress)} if space else {}


def _of_known_fields(lib: Library, said: Said) -> Said:
    return replace(said, categories=fields.checked(lib, said.categories)) if said.categories else said


def _seeds(lib: Library, said: Said, progress: Progress) -> seeding.Seeds:
    seeds = seeding.named(lib, said.papers, progress) if said.papers else seeding.Seeds()
    for file in said.files:
        seeds.add(seeding.of_file(lib, file, progress))
    for author in said.authors:
        seeds.add(seeding.by_author(lib, author))
    if said.papers and not said.files and not seeds.keys:
        each = seeding.told(seeds.dropped)
        raise NotHad(
            "seeds",
            speech.said("none could be had (%(reasons)s)", reasons=speech.in_a_row(each)),
            "name papers by arXiv id or by a key of the library",
            each=each,
        )
    return seeds


def checked_name(name: str) -> str:
    """The name of an interest as it is stored. Raises UsageError for one that cannot be."""
    folded = names.checked(speech.said("interest"), name, LONGEST_NAME)
    if "/" in folded or folded in (".", ".."):  # its page has the name in its address
        raise UsageError(
            speech.said("interest name %(name)s", name=repr(name)),
            "can be in no address",
            "write it without slashes, and not of points alone",
        )
    return folded


def _with_seeds(view: InterestView, seeds: seeding.Seeds) -> InterestView:
    return replace(view, taken=len(seeds.keys), fetched=seeds.fetched, dropped=tuple(seeds.dropped))


def _unheard(lib: Library, profile: Profile) -> tuple[str, ...]:
    heeded = lib.stream.heeded(profile.about)
    return tuple(text for text in profile.about if text not in heeded)


def _move(conn: Any, who: Reader, interest: Interest, position: int) -> None:
    """Put an interest at a place among its reader's, counted from 1; the others close up."""
    from broadsheet.store import interests

    others = [i for i in interests.of(conn, [who.id]) if i.id != interest.id]
    others.insert(max(position, 1) - 1, interest)
    for place, one in enumerate(others, 1):
        if one.position != place:
            interests.change(conn, structs.replace(one, position=place), one.edited)
