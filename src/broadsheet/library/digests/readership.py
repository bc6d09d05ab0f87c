"""What is known of readers when their digests are made: asked for many at once, as for each it takes longer than the
rest.
"""

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from broadsheet.library.handle import Library
from broadsheet.library.interest.profiles import own_interests
from broadsheet.types import Interest, Mark, Reader, SavedSearch
from broadsheet.words.catalogue import Words, words

if TYPE_CHECKING:
    from broadsheet.store import Connection

FIELDS: Final = 3
"""Categories that are taken for a reader's fields where they named none."""

LIKED: Final = ("up", "save")


@dataclass(frozen=True, slots=True)
class Known:
    """A reader, as far as it matters to a digest. `fields`: categories that they named, else those of most papers that
    they liked or began with; `papers`: store ids of what they were shown as new or said something of; `words`: in which
    they are written to.
    """

    who: Reader
    words: Words
    interests: Sequence[Interest]
    fields: tuple[str, ...]
    papers: Set[int]
    searches: Sequence[SavedSearch]


def known(lib: Library, readers: Sequence[Reader]) -> dict[int, Known]:
    """These readers by id. One who marked papers and named no interest gets one."""
    from broadsheet.store import interests, marks, searches, shown
    from broadsheet.store import readers as stored

    ids = [who.id for who in readers]
    own: dict[int, list[Interest]] = {reader_id: [] for reader_id in ids}
    with lib.store.reading() as conn:
        for interest in interests.of(conn, ids):
            own[interest.reader_id].append(interest)
        said, seen, heeded = marks.standing_of(conn, ids), shown.papers_of(conn, ids), searches.heeded(conn, ids)
        languages = stored.languages(conn, ids)
        fields = _fields(conn, own, said)
    for who in readers:
        if not own[who.id] and any(mark.kind in LIKED for mark in said[who.id]):
            own[who.id] = own_interests(lib, who)
    return {
        who.id: Known(
            who,
            words(languages.get(who.id) or lib.settings.language),
            own[who.id],
            fields[who.id],
            seen[who.id] | {mark.paper_id for mark in said[who.id] if mark.kind != "note"},
            heeded[who.id],
        )
        for who in readers
    }


def _fields(
    conn: "Connection", interests: Mapping[int, Sequence[Interest]], said: Mapping[int, Sequence[Mark]]
) -> dict[int, tuple[str, ...]]:
    from broadsheet.store import papers

    named = {i: tuple(dict.fromkeys(c for one in own for c in one.profile.categories)) for i, own in interests.items()}
    others = [reader_id for reader_id, categories in named.items() if not categories]
    seeds = {i: [key for one in interests[i] for key in one.profile.seeds] for i in others}
    ids = papers.ids(conn, {key for keys in seeds.values() for key in keys})
    liked = {
        i: dict.fromkeys(
            [m.paper_id for m in said[i] if m.kind in LIKED] + [ids[key] for key in seeds[i] if key in ids]
        )
        for i in others
    }
    read = dict(papers.outlines(conn, list({paper_id for some in liked.values() for paper_id in some})))
    for i in others:
        first = Counter(read[p].categories[0] for p in liked[i] if p in read and read[p].categories)
        named[i] = tuple(category for category, _ in first.most_common(FIELDS))
    return named
