"""A reader's list: what is new, near to their interests, different, and not shown to them before.

Papers of the last days that the reader has neither seen as new nor marked are judged by each interest; what reaches
the interest's least probability is merged by shares, near-duplicates are held back, and a part is drawn by lot from
the rest. What is listed is remembered as shown, whatever the channel, so that it is new once.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from broadsheet.errors import UsageError
from broadsheet.library.handle import Library, Progress, no_progress
from broadsheet.library.interest.company import votes_of_others
from broadsheet.library.interest.draft import Draft, Work, draft, still_new
from broadsheet.library.interest.lookup import Lookup
from broadsheet.library.interest.pool import Pool
from broadsheet.library.interest.profiles import find_interest, learnt_of
from broadsheet.library.interest.reasons import likings
from broadsheet.library.interest.recommendation import Ask, Recommendation
from broadsheet.library.readers import find_reader
from broadsheet.rank.interest.teach import ASKED, most_telling
from broadsheet.types import Paper, Reader, Shown
from broadsheet.words.said import Listed, in_a_row, said

FEW_MARKS: Final = 10
"""Marks below which an interest asks for those that would teach it most."""


def recommend(lib: Library, ask: Ask, progress: Progress = no_progress) -> Recommendation:
    """The reader's list. Raises NotFound for a reader or interest that is none, UsageError for days in disorder."""
    who = find_reader(lib, ask.reader)
    wanted = find_interest(lib, who.name, ask.interest)[1] if ask.interest is not None else None
    if ask.again:
        from broadsheet.library.interest.relist import shown_list

        return shown_list(lib, who, wanted, ask)
    name = today(lib, who).isoformat()
    space = lib.stream.space(progress)
    span = _span(lib, who, ask)
    if span is None or space is None:
        note = said("The library has no papers with a day yet: `broadsheet up --once` harvests.")
        return Recommendation(reader=who.name, name=name, state="empty", interest=ask.interest, note=note)
    own = [t for t in learnt_of(lib, space, who, progress).values() if wanted is None or t.interest.id == wanted.id]
    models = [t for t in own if t.is_known]
    pool = lib.stream.pool(space, *span)
    most = ask.limit or (wanted.profile.most if wanted else None) or lib.settings.recommend.most
    places = still_new(pool, models, _known(lib, who, pool))
    liked = likings(lib, space, models)
    votes = votes_of_others(lib, models, pool)
    work = Work(Lookup(lib), ask, who, space, models, liked, votes, pool, places, most, name)
    unheard = [text for t in own if not t.is_known for text in t.interest.profile.about]
    made = _made(work, span, unheard)
    if made.state == "ok" and not ask.preview:  # what is trending is everybody's, and may be listed for a reason yet
        _remember(work, made)
    told = [note for note in (made.note, lib.stream.trouble) if note]
    only = wanted.name if wanted else None
    return replace(made, interest=only, first=span[0], last=span[1], note=in_a_row(told) if told else None)


def _made(work: Work, span: tuple[date, date], unheard: Sequence[str]) -> Recommendation:
    """`unheard`: words of which hardly any is in the library, of interests that know nothing else."""
    if unheard and not work.models:
        note = said(
            "Papers here have hardly any word of %(texts)s; nothing is listed before some come that do.",
            texts=Listed(tuple(said("“%(text)s”", text=text) for text in unheard)),
        )
        many = len(work.open)
        return Recommendation(reader=work.who.name, name=work.name, state="nothing", note=note, candidates=many)
    if not work.models:
        from broadsheet.library.interest.relist import cold_list

        return cold_list(work.lib, work.who, work.name, span, [work.pool.ids[i] for i in work.open], work.most)
    made = draft(work)
    entries = tuple(made.told())
    return Recommendation(
        reader=work.who.name,
        name=work.name,
        state="ok" if entries else "nothing",
        note=None if entries else _why_nothing(made),
        entries=entries,
        asked=_asked(work, made.ids),
        candidates=len(work.open),
    )


def today(lib: Library, who: Reader) -> date:
    """The reader's day."""
    zone = who.zone or lib.settings.timezone
    return lib.now().astimezone(ZoneInfo(zone) if zone else None).date()


def _span(lib: Library, who: Reader, ask: Ask) -> tuple[date, date] | None:
    """The days that are looked at: what was asked for, or the newest ones; None where there are none."""
    from broadsheet.store import editions

    with lib.store.reading() as conn:
        last = ask.last or editions.latest_day(conn, today(lib, who))
    if last is None:
        return None
    first = ask.first or (last if ask.last else last - timedelta(days=lib.settings.recommend.days - 1))
    if first > last:
        raise UsageError(f"days {first} to {last}", "end before they begin", "write the earlier day first")
    return first, last


def _known(lib: Library, who: Reader, pool: Pool) -> set[int]:
    """Papers of a pool that the reader was shown, or marked but with a note."""
    from broadsheet.store import marks, shown

    with lib.store.reading() as conn:
        marked = {m.paper_id for m in marks.standing(conn, who.id, papers=pool.ids) if m.kind != "note"}
        return marked | shown.among(conn, who.id, pool.ids).keys()


def _asked(work: Work, listed: Collection[int]) -> tuple[Paper, ...]:
    """Papers beside those listed whose marks would teach the interests that know least, in turn."""
    from broadsheet.store import papers

    if not work.ask.asks:
        return ()
    wanting = [t for t in work.models if work.ask.teach or len(t.examples) < FEW_MARKS]
    asked: dict[int, None] = {}
    there = set(listed)
    for taught in wanting:
        new = work.open[[work.pool.ids[i] not in taught.examples and work.pool.ids[i] not in there for i in work.open]]
        candidates, blocks = work.pool.papers.take(new), work.pool.blocks.take(new)
        telling = most_telling(taught.model, candidates, blocks, count=-(-ASKED // len(wanting)))
        asked |= dict.fromkeys(work.pool.ids[int(i)] for i in new[telling])
    with work.lib.store.reading() as conn:
        return tuple(paper for _, paper in papers.by_ids(conn, list(asked)[:ASKED]))


def _why_nothing(made: Draft) -> str:
    work, judged = made.work, made.judged
    if not len(work.pool.ids):
        return said("No papers were announced in these days.")
    if not len(work.open):
        return said(
            "Everything of these days was shown to you or marked by you; `--again` lists the last list once more."
        )
    if not any(taught.interest.share for taught in work.models):
        return said("All of your interests have a share of 0, which is no place in the list.")
    best = float(judged.probabilities.max())
    if not best:
        return said(
            "None of %(papers)s papers is allowed by the keywords and categories of your interests.",
            papers=len(work.open),
        )
    least = float(judged.least.min())
    return said(
        "No paper is near enough: the best of %(papers)s is at %(best)s, and %(least)s is asked for.",
        papers=len(work.open),
        best=f"{best:.0%}",
        least=f"{least:.0%}",
    )


def _remember(work: Work, made: Recommendation) -> None:
    from broadsheet.store import papers, shown

    own = {t.interest.name: t.interest.id for t in work.models}
    with work.lib.store.writing() as conn:
        ids = papers.ids(conn, [e.paper.key for e in made.entries])
        before = len(shown.in_list(conn, work.who.id, work.name))
        listed = [
            Shown(
                paper_id=ids[e.paper.key],
                list=work.name,
                channel=work.ask.channel,
                at=work.lib.now(),
                rank=before + e.rank,
                score=e.score,
                interest_id=own.get(e.interest or ""),
                explored=e.explored,
                why=e.why,
            )
            for e in made.entries
        ]
        shown.record(conn, work.who.id, listed)
