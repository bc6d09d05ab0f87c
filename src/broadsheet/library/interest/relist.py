"""Lists that no model makes: one that was shown before, and the one for a reader of whom nothing is known yet."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta

from broadsheet.errors import NotFound
from broadsheet.library.editions.edition import edition
from broadsheet.library.handle import Library
from broadsheet.library.interest.recommendation import Ask, Recommendation, Recommended
from broadsheet.rank.interest.rules import NO_RULES, Rules
from broadsheet.rank.interest.teach import ASKED
from broadsheet.rank.order import Entry
from broadsheet.types import Interest, Reader
from broadsheet.words.said import said


def shown_list(lib: Library, who: Reader, wanted: Interest | None, ask: Ask) -> Recommendation:
    """What was shown on a day, for one interest or all, as it was shown, but for what an interest's rules shut out now.

    Raises NotFound where nothing was.
    """
    from broadsheet.store import interests, papers, shown

    with lib.store.reading() as conn:
        name = ask.last.isoformat() if ask.last else shown.last_list(conn, who.id)
        listed = shown.in_list(conn, who.id, name) if name else []
        listed = [s for s in listed if wanted is None or s.interest_id == wanted.id]
        own = {i.id: i for i in interests.of(conn, [who.id])}
        read = dict(papers.by_ids(conn, [s.paper_id for s in listed]))
    listed = [s for s in listed if _rules(own.get(s.interest_id or 0)).allow(read[s.paper_id])]
    if name is None or not listed:
        subject = "list" + (f" of {name}" if name else "") + (f" for {wanted.name}" if wanted else "")
        raise NotFound(subject, "was not shown", said("`broadsheet recommend %(name)s` makes today's", name=who.name))
    entries = tuple(
        Recommended(
            rank=rank,
            paper=read[s.paper_id],
            announced=None,
            interest=own[s.interest_id].name if s.interest_id in own else None,
            score=s.score,
            probability=None,
            why=s.why,
            explored=s.explored,
            shown=s.at,
            channel=s.channel,
        )
        for rank, s in enumerate(listed, 1)
    )
    return Recommendation(
        reader=who.name,
        name=name,
        state="ok",
        interest=wanted.name if wanted else None,
        entries=entries[: ask.limit],
    )


def _rules(interest: Interest | None) -> Rules:
    return Rules.of(interest.profile) if interest else NO_RULES


def cold_list(
    lib: Library, who: Reader, name: str, span: tuple[date, date], open_ids: Sequence[int], most: int
) -> Recommendation:
    """What is trending, for a reader without interests and marks, and how to begin."""
    from broadsheet.store import papers

    with lib.store.reading() as conn:
        open_keys = {paper.key for _, paper in papers.by_ids(conn, open_ids)}
    ranked = _trending(lib, span, open_keys, most + ASKED)
    entries = tuple(
        Recommended(rank, e.paper, e.announcement, None, e.score, None, (e.why,))
        for rank, e in enumerate(ranked[:most], 1)
    )
    note = said(
        "Nothing is known of what you like, so these are the trending ones. Mark a few papers (`broadsheet mark "
        "%(name)s KEY up`), or begin an interest (`broadsheet interest add %(name)s NAME --about WORDS`).",
        name=who.name,
    )
    asked = tuple(e.paper for e in ranked[most : most + ASKED]) or tuple(e.paper for e in ranked[:ASKED])
    return Recommendation(
        reader=who.name, name=name, state="cold", note=note, entries=entries, asked=asked, candidates=len(open_ids)
    )


def _trending(lib: Library, span: tuple[date, date], keys: Collection[str], enough: int) -> list[Entry]:
    """The papers of the newest day in its order, then those of the day before, until there are enough."""
    found: list[Entry] = []
    day = span[1]
    while day >= span[0] and len(found) < enough:
        found += [e for e in edition(lib, day.isoformat(), sort="trending").entries if e.paper.key in keys]
        day -= timedelta(days=1)
    return found
