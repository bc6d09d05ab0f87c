"""What each section could show a reader: papers that came since their last digest and that they were not shown."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from broadsheet.digest.compose import Offer, Pick
from broadsheet.library.editions.edition import Edition, edition
from broadsheet.library.editions.trending import trending
from broadsheet.library.handle import Library
from broadsheet.library.interest.profiles import own_interests
from broadsheet.library.interest.recommend import recommend
from broadsheet.library.interest.recommendation import Ask
from broadsheet.library.shelf.saved import searches
from broadsheet.rank.interest.features import Name
from broadsheet.rank.interest.rules import Rules
from broadsheet.rank.order import Entry
from broadsheet.types import Interest, Mark, Paper, Reader
from broadsheet.words.said import Listed, said

if TYPE_CHECKING:
    from broadsheet.store import Connection

SPARE: Final = 2
"""How many times the places of a digest a section offers: others may have some of its papers."""

FIELDS: Final = 3
"""Categories that are taken for a reader's fields where they named none."""

COLD: Final = said(
    "Nothing is known of what you like yet. Marks on papers, or an interest of a few words, change that."
)


@dataclass(frozen=True, slots=True)
class Window:
    """The days of papers that a digest looks at; `news`: the first of them that the last digest had not seen."""

    first: date
    last: date
    news: date

    @property
    def days(self) -> list[str]:
        """Names of the editions of the days that bring news."""
        return [(self.news + timedelta(days=i)).isoformat() for i in range((self.last - self.news).days + 1)]


class Newsstand:
    """The editions of a run and what belongs to them, each looked up once for all readers."""

    def __init__(self, lib: Library) -> None:
        self.lib = lib
        self._editions: dict[tuple[str, tuple[str, ...]], Edition] = {}
        self._authors: dict[tuple[str, ...], dict[str, list[Paper]]] = {}
        self._ids: dict[str, int] = {}
        self._last: dict[date, date | None] = {}
        self._rising: list[Entry] | None = None

    def edition(self, day: str, categories: tuple[str, ...] = ()) -> Edition:
        """The edition of a day, in the order of what is trending."""
        found = self._editions.get((day, categories))
        if found is None:
            found = self._editions[day, categories] = edition(self.lib, day, categories=categories)
        return found

    def last_day(self, until: date) -> date | None:
        """The newest day of papers up to that one."""
        from broadsheet.store import editions

        if until not in self._last:
            with self.lib.store.reading() as conn:
                self._last[until] = editions.latest_day(conn, until)
        return self._last[until]

    def entries(self, days: Sequence[str], categories: tuple[str, ...] = ()) -> list[Entry]:
        """The papers of several days, each once, the most trending first."""
        found = [entry for day in days for entry in self.edition(day, categories).entries]
        return list({e.paper.key: e for e in sorted(found, key=lambda e: (-e.score, e.paper.key))}.values())

    def rising(self) -> Sequence[Entry]:
        """The papers of the week whose votes are still to come, the most promising first."""
        if self._rising is None:
            self._rising = list(trending(self.lib, rising=True).entries)
        return self._rising

    def by_id(self, listed: Iterable[Paper]) -> dict[int, Paper]:
        """Papers of this stand that their authors stand by, by store id, in their order."""
        from broadsheet.store import papers

        listed = [paper for paper in listed if not paper.withdrawn]
        new = [paper.key for paper in listed if paper.key not in self._ids]
        if new:
            with self.lib.store.reading() as conn:
                self._ids |= papers.ids(conn, new)
        return {self._ids[paper.key]: paper for paper in listed if paper.key in self._ids}

    def by_author(self, days: Sequence[str]) -> Mapping[str, Sequence[Paper]]:
        """The papers of several days by the key of each author's name."""
        found = self._authors.get(tuple(days))
        if found is None:
            found = self._authors[tuple(days)] = {}
            for entry in self.entries(days):
                for key in {Name.of(author.name).key for author in entry.paper.authors}:
                    found.setdefault(key, []).append(entry.paper)
        return found


@dataclass(frozen=True, slots=True)
class For:
    """For whom sections are filled. `known`: store ids of papers that they were shown as new or said something of."""

    who: Reader
    interests: Sequence[Interest]
    fields: tuple[str, ...]
    known: Set[int]
    window: Window
    most: int


def offers(stand: Newsstand, who: Reader, window: Window, sections: Iterable[str], most: int) -> list[Offer]:
    """What these sections could show, in this order; names that are none of `SECTIONS` are left out."""
    from broadsheet.store import marks, shown

    interests = own_interests(stand.lib, who)
    with stand.lib.store.reading() as conn:
        standing = marks.standing(conn, who.id)
        known = shown.papers_of(conn, who.id) | {m.paper_id for m in standing if m.kind != "note"}
        fields = _fields(conn, interests, standing)
    asked = For(who, interests, fields, known, window, most)
    return [SECTIONS[name](stand, asked) for name in sections if name in SECTIONS]


def _interests(stand: Newsstand, asked: For) -> Offer:
    title = TITLES["interests"]
    if not asked.interests:
        return Offer("interests", title, (), COLD)
    first, last = asked.window.first, asked.window.last
    ask = Ask(asked.who.name, None, asked.most * SPARE, first, last, preview=True, asks=False)
    several = len(asked.interests) > 1
    picks = [
        Pick(e.paper, e.why, e.interest, e.interest if several else None, e.score, e.explored)
        for e in recommend(stand.lib, ask).entries
    ]
    return Offer("interests", title, picks)


def _trending(stand: Newsstand, asked: For) -> Offer:
    """What others give attention to; where nobody counts, who has no interests yet gets what is new."""
    fields = asked.fields
    entries = stand.entries(asked.window.days, fields)
    counted = [e for e in entries if e.votes]
    listed = counted if counted or asked.interests else entries
    picks = [Pick(e.paper, (e.why,), score=e.score) for e in _fresh(stand, asked, listed)]
    title = TITLES["trending"] if counted else said("New")
    return Offer(
        "trending",
        said("%(title)s in %(fields)s", title=title, fields=Listed(fields)) if fields else title,
        picks[: asked.most * SPARE],
    )


def _authors(stand: Newsstand, asked: For) -> Offer:
    rules = Rules(authors=tuple(dict.fromkeys(name for i in asked.interests for name in i.profile.authors)))
    there = stand.by_author(asked.window.days) if rules.authors else {}
    found = {paper.key: paper for name in rules.authors for paper in there.get(Name.of(name).key, ())}
    picks = []
    for paper_id, paper in stand.by_id(found.values()).items():
        names = rules.followed_of(tuple(Name.of(author.name) for author in paper.authors))
        if names and paper_id not in asked.known:
            picks.append(Pick(paper, (said("by %(names)s, whom you follow", names=Listed(names)),)))
    return Offer("authors", TITLES["authors"], picks[: asked.most * SPARE])


def _searches(stand: Newsstand, asked: For) -> Offer:
    """What the saved searches that are not silent find among the papers of the days."""
    own = [search for search in searches(stand.lib, asked.who) if not search.muted]
    there = stand.by_id(e.paper for e in stand.entries(asked.window.days)) if own else {}
    found: dict[int, list[str]] = {}
    for search in own:
        for paper_id in stand.lib.engine.matching_among(search.query, list(there)):
            found.setdefault(paper_id, []).append(search.name)
    picks = [
        Pick(paper, (said("found by your search %(names)s", names=Listed(tuple(found[i]))),))
        for i, paper in there.items()
        if i in found and i not in asked.known
    ]
    return Offer("searches", TITLES["searches"], picks[: asked.most * SPARE])


def _rising(stand: Newsstand, asked: For) -> Offer:
    from broadsheet.store.editions import is_in

    listed = [e for e in stand.rising() if not asked.fields or is_in(e.paper.categories, asked.fields)]
    picks = [Pick(e.paper, (e.why,), score=e.score) for e in _fresh(stand, asked, listed)]
    return Offer("rising", TITLES["rising"], picks[: asked.most * SPARE])


TITLES: Final = {
    "interests": said("For your interests"),
    "searches": said("In your saved searches"),
    "trending": said("Trending"),
    "authors": said("By authors you follow"),
    "rising": said("Rising"),
}

SECTIONS: Final[Mapping[str, Callable[[Newsstand, For], Offer]]] = {
    "interests": _interests,
    "searches": _searches,
    "trending": _trending,
    "authors": _authors,
    "rising": _rising,
}


def _fields(conn: "Connection", interests: Sequence[Interest], standing: Sequence[Mark]) -> tuple[str, ...]:
    """The categories that a reader named, else those of most papers that they liked or began with."""
    from broadsheet.store import papers

    named = tuple(dict.fromkeys(category for i in interests for category in i.profile.categories))
    if named:
        return named
    seeds = [key for i in interests for key in i.profile.seeds]
    liked = [mark.paper_id for mark in standing if mark.kind in ("up", "save")]
    liked += papers.ids(conn, seeds).values() if seeds else ()
    read = papers.by_ids(conn, list(dict.fromkeys(liked))) if liked else ()
    own = [paper.categories[0] for _, paper in read if paper.categories]
    return tuple(category for category, _ in Counter(own).most_common(FIELDS))


def _fresh(stand: Newsstand, asked: For, listed: Sequence[Entry]) -> list[Entry]:
    """Those that are new to the reader."""
    ids = {paper.key: i for i, paper in stand.by_id(entry.paper for entry in listed).items()}
    return [e for e in listed if e.paper.key in ids and ids[e.paper.key] not in asked.known]
