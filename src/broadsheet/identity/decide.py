"""What becomes of a record: new, changed, same, or merged with a paper that is already known.

Ids come first: a record that shares one with a part is about that part. Only then are works compared by what they
say. Works that carry different ids of a scheme that gives a work one id are never joined by themselves, nor is what a
person has split.
"""

from collections.abc import Collection, Iterable, Sequence
from operator import attrgetter

from msgspec.structs import replace

from broadsheet.errors import NotFound, UsageError
from broadsheet.identity.parts import join, renew
from broadsheet.identity.verdict import Verdict, compare
from broadsheet.types import Action, Intent, Known, Paper

EXCLUSIVE = ("arxiv:", "acl:", "pubmed:", "corpusid:")
"""Schemes that give a work one id. It may have several DOIs (preprint, journal) and OpenReview forums (resubmitted)."""

Distinct = Collection[frozenset[str]]

_UNKNOWN = "no paper with its ids or its text"


def may_join(ids: Iterable[str], others: Iterable[str]) -> bool:
    """Whether works with these ids can be one: they have no different ids of a scheme that gives one id for a work."""
    mine, yours = tuple(ids), tuple(others)
    for scheme in EXCLUSIVE:
        one = {id for id in mine if id.startswith(scheme)}
        if one and (other := {id for id in yours if id.startswith(scheme)}) and not one & other:
            return False
    return True


def decide(news: Paper, known: Sequence[Known], distinct: Distinct = ()) -> Intent:
    """What to store for a record, `news` being the paper it makes, given all stored ones that share an id or a key.

    `distinct` holds pairs of part keys that a person has split; they never come together again. `same` may still
    bring announcements and sources that are new; what a reader reads has not changed.
    """
    if not known:
        return Intent("new", news, (news,), _UNKNOWN)
    hits, news = _known_by_id(news, known, distinct)
    intent = _updated(hits, news) if hits else Intent("new", news, (news,), _UNKNOWN)
    if intent.action == "same":
        return intent
    rest = [paper for paper in known if paper not in hits]
    return _with_twins(intent, hits, news, rest, distinct)


def _known_by_id(news: Paper, known: Sequence[Known], distinct: Distinct) -> tuple[list[Known], Paper]:
    """The papers that the news are about by id, the one with the best id first, and the news without ids of others.

    An id that leads to a paper which cannot be this work (another arXiv id, split by a person) stays with that paper.
    """
    mine = news.aliases
    hits: list[Known] = []
    for id in mine:
        for paper in known:
            if id in paper.paper.aliases and paper not in hits and _allowed(mine, hits, paper, distinct):
                hits.append(paper)
    ours = {id for paper in hits for id in paper.paper.aliases}
    taken = {id for paper in known if paper not in hits for id in paper.paper.aliases} - ours
    return hits, _without(news, taken)


def _allowed(ids: Iterable[str], hits: Sequence[Known], paper: Known, distinct: Distinct) -> bool:
    """Whether a paper with an id of the news may be this work, and one with the papers found before."""
    aliases = paper.paper.aliases
    return may_join(ids, aliases) and all(
        may_join(hit.paper.aliases, aliases) and not _split(hit.paper.aliases, aliases, distinct) for hit in hits
    )


def _split(ids: Iterable[str], others: Iterable[str], distinct: Distinct) -> bool:
    """Whether a person has said that two works are not one."""
    if not distinct:
        return False
    mine, yours = set(ids), set(others)
    return any(len(pair) == 2 and _across(tuple(pair), mine, yours) for pair in distinct)


def _across(pair: Sequence[str], mine: Collection[str], yours: Collection[str]) -> bool:
    one, other = pair
    return (one in mine and other in yours) or (other in mine and one in yours)


def _without(news: Paper, ids: Collection[str]) -> Paper:
    left = tuple(id for id in news.aliases if id not in ids)
    if not left or len(left) == len(news.aliases):
        return news
    return replace(news, aliases=left, key=left[0])


def _updated(hits: Sequence[Known], news: Paper) -> Intent:
    """The news put into the part that has its best id; other papers with ids of it become parts of the same."""
    parts = [part for paper in hits for part in paper.parts]
    place = min(range(len(parts)), key=lambda i: _best_shared(news, parts[i]))
    elsewhere = {id for i, part in enumerate(parts) if i != place for id in part.aliases}
    parts[place] = renew(parts[place], _without(news, elsewhere - set(parts[place].aliases)))
    if len(hits) > 1:
        keys = " and ".join(paper.paper.key for paper in hits)
        return _merged(hits, parts, f"its ids are those of {keys}")
    paper = join(parts, hits[0].paper.key)
    action, reason = _difference(hits[0].paper, paper)
    return Intent(action, paper, tuple(parts), reason)


def _merged(papers: Sequence[Known], parts: Sequence[Paper], reason: str) -> Intent:
    """Stored papers made one under the first key that is not a local one; the others are absorbed."""
    keys = [paper.paper.key for paper in papers]
    paper = join(parts, next((key for key in keys if not key.startswith("local:")), keys[0]))
    stays = paper.key if paper.key in keys else keys[0]
    return Intent("merged", paper, tuple(parts), reason, tuple(key for key in keys if key != stays))


def _best_shared(news: Paper, part: Paper) -> int:
    shared = [place for place, id in enumerate(news.aliases) if id in part.aliases]
    return shared[0] if shared else len(news.aliases)


_LISTED = ("announcements", "sources", "added")  # what may grow without the paper being another one to its readers
_READ = tuple(field for field in Paper.__struct_fields__ if field not in _LISTED)
_read = attrgetter(*_READ)


def _difference(before: Paper, after: Paper) -> tuple[Action, str]:
    then, now = _read(before), _read(after)
    if then == now:
        return "same", "nothing new" if before == after else "listed again"
    changed = (field for field, old, new in zip(_READ, then, now, strict=True) if old != new)
    return "changed", f"changed: {', '.join(changed)}"


def _with_twins(
    intent: Intent, hits: Sequence[Known], news: Paper, others: Sequence[Known], distinct: Distinct
) -> Intent:
    """The intent with the papers that are the same work by what they say, the likeliest first.

    One that contradicts a likelier one by its ids, or was split from it, stays apart.
    """
    found = [(verdict, other) for other in others if (verdict := _verdict(intent.paper, news, other, distinct)).same]
    if not found:
        return intent
    found.sort(key=lambda pair: (-pair[0].score, pair[1].paper.key))
    aliases, twins = set(intent.paper.aliases), []
    for _, other in found:
        if may_join(aliases, other.paper.aliases) and not _split(aliases, other.paper.aliases, distinct):
            aliases |= set(other.paper.aliases)
            twins.append(other)
    theirs = [part for twin in twins for part in twin.parts]
    parts = [*intent.parts, *theirs] if hits else [*theirs, *intent.parts]
    return _merged([*hits, *twins], parts, f"same work as {twins[0].paper.key}: {found[0][0].reason}")


_OTHER_IDS = Verdict(False, 0.0, "other ids, or split by a person")


def _verdict(paper: Paper, news: Paper, other: Known, distinct: Distinct) -> Verdict:
    """The likeliest verdict on the news and a part of another paper."""
    aliases = other.paper.aliases
    if not may_join(paper.aliases, aliases) or _split(paper.aliases, aliases, distinct):
        return _OTHER_IDS
    return max((compare(news, part) for part in other.parts), key=lambda verdict: verdict.score)


def merge(a: Known, b: Known) -> Intent:
    """Two papers that a person says are one; the first keeps its key, unless it is a local one."""
    parts = (*a.parts, *(part for part in b.parts if part.key not in {own.key for own in a.parts}))
    return _merged((a, b), parts, f"{a.paper.key} and {b.paper.key} merged by hand")


def split(known: Known, part_key: str) -> tuple[Known, Known]:
    """The paper without a part, and that part as a paper of its own. The part is named by one of its ids.

    The key stays where its id is. Raises UsageError for a paper of one part, NotFound where there is no such part.
    """
    subject = f"paper {known.paper.key}"
    if len(known.parts) < 2:
        raise UsageError(subject, "it has only one part", "only merged papers can be split")
    taken = known.part_of(part_key)
    if taken is None:
        names = ", ".join(part.key for part in known.parts)
        raise NotFound(subject, f"it has no part {part_key}", f"its parts are {names}")
    rest = tuple(part for part in known.parts if part is not taken)
    return _whole(rest, known.paper.key), _whole((taken,), known.paper.key)


def _whole(parts: tuple[Paper, ...], key: str) -> Known:
    """The paper of some parts of another, under its key if they have that id."""
    keep = key if any(key in part.aliases for part in parts) else None
    return Known(join(parts, keep), parts)


def apart(one: Known, other: Known) -> frozenset[frozenset[str]]:
    """The pairs of part keys that `decide` must know as distinct after a split."""
    return frozenset(frozenset((part.key, rest.key)) for part in one.parts for rest in other.parts)
