"""What each section could show a reader: papers that came since their last digest and that they were not shown."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import islice
from typing import Final

from broadsheet.digest.compose import Items, Offer, Pick
from broadsheet.errors import UsageError
from broadsheet.library.digests.readership import Known
from broadsheet.library.editions.edition import Edition, edition
from broadsheet.library.editions.trending import trending
from broadsheet.library.handle import Library
from broadsheet.library.interest.draft import Draft
from broadsheet.library.interest.lookup import Lookup
from broadsheet.library.interest.offered import Wish, offered
from broadsheet.rank.interest.features import Name
from broadsheet.rank.interest.rules import Rules
from broadsheet.rank.order import Entry
from broadsheet.rank.profile import MAIN
from broadsheet.words.said import Listed, said

SPARE: Final = 2
"""How many times the places of a digest a section offers: others may have some of its papers."""

Row = tuple[int, Entry]
"""A paper of a list with its store id."""

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
    def span(self) -> tuple[date, date]:
        """The first and the last day."""
        return self.first, self.last

    @property
    def days(self) -> tuple[str, ...]:
        """Names of the editions of the days that bring news."""
        return tuple((self.news + timedelta(days=i)).isoformat() for i in range((self.last - self.news).days + 1))


class Newsstand:
    """The editions of a run and what belongs to them, each looked up once for all readers."""

    def __init__(self, lib: Library) -> None:
        self.lib, self.lookup, self.items = lib, Lookup(lib), Items()
        self._editions: dict[tuple[str, tuple[str, ...]], Edition] = {}
        self._entries: dict[tuple[tuple[str, ...], tuple[str, ...]], Sequence[Row]] = {}
        self._authors: dict[tuple[str, ...], dict[str, list[Row]]] = {}
        self._last: dict[date, date | None] = {}
        self._rising: Sequence[Row] | None = None

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

    def entries(self, days: tuple[str, ...], categories: tuple[str, ...] = ()) -> Sequence[Row]:
        """The papers of several days, each once, the most trending first."""
        found = self._entries.get((days, categories))
        if found is None:
            listed = [entry for day in days for entry in self.edition(day, categories).entries]
            ranked = sorted(listed, key=lambda e: (-e.score, e.paper.key))
            found = self._entries[days, categories] = self._rows({e.paper.key: e for e in ranked}.values())
        return found

    def rising(self) -> Sequence[Row]:
        """The papers of the week whose votes are still to come, the most promising first."""
        if self._rising is None:
            self._rising = self._rows(trending(self.lib, rising=True).entries)
        return self._rising

    def by_author(self, days: tuple[str, ...]) -> Mapping[str, Sequence[Row]]:
        """The papers of several days by the key of each author's name."""
        found = self._authors.get(days)
        if found is None:
            found = self._authors[days] = {}
            for row in self.entries(days):
                for key in {Name.of(author.name).key for author in row[1].paper.authors}:
                    found.setdefault(key, []).append(row)
        return found

    def _rows(self, listed: Collection[Entry]) -> Sequence[Row]:
        """Those that their authors stand by."""
        from broadsheet.store import papers

        standing = [entry for entry in listed if not entry.paper.withdrawn]
        with self.lib.store.reading() as conn:
            ids = papers.ids(conn, [entry.paper.key for entry in standing])
        return [(ids[entry.paper.key], entry) for entry in standing if entry.paper.key in ids]


@dataclass(frozen=True, slots=True)
class For:
    """For whom `sections` are filled, from which days, in a digest of at most `most` papers. `near`: what is near to
    their interests, where anything is known of these.
    """

    known: Known
    window: Window
    sections: Sequence[str]
    most: int
    near: Draft | None = None


def with_lists(stand: Newsstand, readers: Sequence[For]) -> list[For]:
    """The same with what is near to their interests, found for all at once, as they share most of what that takes."""
    wishes = [
        Wish(one.known.who, one.known.interests, one.known.papers, one.window.span, one.most * SPARE)
        for one in readers
        if one.known.interests and "interests" in one.sections
    ]
    found = offered(stand.lookup, wishes) if wishes else {}
    return [replace(one, near=found.get(one.known.who.id)) for one in readers]


def offers(stand: Newsstand, asked: For) -> list[Offer]:
    """What sections could show, in their order; names that are none of `SECTIONS` are left out."""
    return [SECTIONS[name](stand, asked) for name in asked.sections if name in SECTIONS]


def _interests(stand: Newsstand, asked: For) -> Offer:  # noqa: ARG001 - what it shows was found before
    title, near = TITLES["interests"], asked.near
    if near is None:
        return Offer("interests", title, (), COLD)
    several = len(asked.known.interests) > 1

    def label(interest: str | None) -> str | None:
        return (said("your general interest") if interest == MAIN else interest) if several else None

    def told(picks: Sequence[Pick]) -> list[Pick]:
        entries = near.told([places[pick.paper.key] for pick in picks])
        return [Pick(e.paper, e.why, e.interest, label(e.interest), e.score, e.explored) for e in entries]

    papers = near.papers
    places = {paper.key: place for place, paper in enumerate(papers)}
    return Offer("interests", title, [Pick(paper) for paper in papers], tell=told)


def _trending(stand: Newsstand, asked: For) -> Offer:
    """What others give attention to; where nobody counts, who has no interests yet gets what is new."""
    fields = asked.known.fields
    rows = stand.entries(asked.window.days, tuple(sorted(fields)))
    counted = any(entry.votes for _, entry in rows)
    listed = (row for row in rows if row[1].votes) if counted or asked.known.interests else rows
    title = TITLES["trending"] if counted else said("New")
    if fields:
        title = said("%(title)s in %(fields)s", title=title, fields=Listed(fields))
    return Offer("trending", title, _picks(asked, listed))


def _authors(stand: Newsstand, asked: For) -> Offer:
    followed = dict.fromkeys(name for i in asked.known.interests for name in i.profile.authors)
    rules = Rules(authors=tuple(followed))
    there = stand.by_author(asked.window.days) if followed else {}
    rows = {paper_id: entry.paper for name in followed for paper_id, entry in there.get(Name.of(name).key, ())}
    picks = []
    for paper_id, paper in rows.items():
        names = rules.followed_of(tuple(Name.of(author.name) for author in paper.authors))
        if names and paper_id not in asked.known.papers:
            picks.append(Pick(paper, (said("by %(names)s, whom you follow", names=Listed(names)),)))
    return Offer("authors", TITLES["authors"], picks[: asked.most * SPARE])


def _searches(stand: Newsstand, asked: For) -> Offer:
    """What the saved searches that are not silent find among the papers of the days."""
    own = asked.known.searches
    there = {i: entry.paper for i, entry in stand.entries(asked.window.days)} if own else {}
    found: dict[int, list[str]] = {}
    for search in own:
        for paper_id in stand.lib.engine.matching_among(search.query, list(there)):
            found.setdefault(paper_id, []).append(search.name)
    picks = [
        Pick(paper, (said("found by your search %(names)s", names=Listed(tuple(found[i]))),))
        for i, paper in there.items()
        if i in found and i not in asked.known.papers
    ]
    return Offer("searches", TITLES["searches"], picks[: asked.most * SPARE])


def _rising(stand: Newsstand, asked: For) -> Offer:
    from broadsheet.store.editions import is_in

    fields = asked.known.fields
    listed = (row for row in stand.rising() if not fields or is_in(row[1].paper.categories, fields))
    return Offer("rising", TITLES["rising"], _picks(asked, listed))


def _picks(asked: For, listed: Iterable[Row]) -> list[Pick]:
    """The first of those that are new to the reader."""
    fresh = (entry for paper_id, entry in listed if paper_id not in asked.known.papers)
    return [Pick(e.paper, (e.why,), score=e.score) for e in islice(fresh, asked.most * SPARE)]


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


def check_sections(names: Sequence[str]) -> None:
    """Raises UsageError for a section that there is not."""
    wrong = [name for name in names if name not in SECTIONS]
    if wrong:
        raise UsageError(
            said("section %(name)s", name=repr(" ".join(wrong))),
            "is not known",
            said("sections are %(known)s", known=", ".join(SECTIONS)),
        )
