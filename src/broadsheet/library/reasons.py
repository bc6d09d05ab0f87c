"""Reasons in words: what a reader can check of why a paper is in their list."""

from collections.abc import Mapping, Sequence

from broadsheet.library.handle import Library
from broadsheet.library.learn import Taught, example_features
from broadsheet.library.stream import ABOUT, Pool, Space
from broadsheet.rank.interest import Reason, reasons
from broadsheet.text import plain

EXPLORED = "to widen the circle: drawn by lot from what your interests would not have chosen"

_MOST_TERMS = 4


def explain(
    lib: Library, space: Space, models: Sequence[Taught], pool: Pool, places: Sequence[tuple[int, int]]
) -> list[tuple[tuple[Reason, ...], tuple[str, ...]]]:
    """Reasons, and the same in words, for papers of a pool: pairs of a model's number and a place in the pool."""
    from broadsheet.store import papers

    used = {number: models[number] for number, _ in places}
    liked = {n: example_features(lib, t.interest.profile, t.liked) for n, t in used.items()}
    nothing = space.background.papers.take([])
    found = [reasons(models[n].model, pool.papers, at, liked[n] or nothing, space.lexicon) for n, at in places]
    near = {reason.what for some in found for reason in some if reason.kind == "near"}
    with lib.store.reading() as conn:
        titles = {key: plain(paper.title) for key, paper in papers.get(conn, sorted(near)).items()}
    seeds = {n: _seeds(lib, t) for n, t in used.items()}
    return [(some, in_words(some, titles, seeds[n])) for some, (n, _) in zip(found, places, strict=True)]


def _seeds(lib: Library, taught: Taught) -> frozenset[str]:
    ids = [e.paper_id for e in taught.examples.values() if e.at is None]
    return frozenset(lib.stream.features(ids).keys) if ids else frozenset()


def in_words(reasons: Sequence[Reason], titles: Mapping[str, str], seeds: frozenset[str]) -> tuple[str, ...]:
    """Sentences, the most telling first. `titles` of liked papers by key; `seeds` are the keys that were not marked."""
    by_kind: dict[str, list[str]] = {}
    for reason in reasons:
        by_kind.setdefault(reason.kind, []).append(reason.what)
    found = []
    if names := by_kind.get("author"):
        found.append(f"by {_and(names)}, whom you follow")
    if words := by_kind.get("keyword"):
        found.append(f"has {_and([_quoted(word) for word in words])}, as you asked")
    found += _near(by_kind.get("near", []), titles, seeds)
    if terms := by_kind.get("for"):
        found.append("for: " + ", ".join(terms[:_MOST_TERMS]))
    if terms := by_kind.get("against"):
        found.append("against: " + ", ".join(terms[:_MOST_TERMS]))
    if not found and (categories := by_kind.get("category")):
        found.append(f"in {_and(categories)}, which you like")
    return tuple(found)


def attention(votes: int | None, comments: int | None) -> tuple[str, ...]:
    """What others made of a paper."""
    counts = ((votes, "vote"), (comments, "comment"))
    told = [f"{many:,} {noun}{'' if many == 1 else 's'}" for many, noun in counts if many]
    return (" and ".join(told),) if told else ()


def _near(keys: Sequence[str], titles: Mapping[str, str], seeds: frozenset[str]) -> list[str]:
    words = [key.removeprefix(ABOUT) for key in keys if key.startswith(ABOUT)]
    named = [_quoted(titles[key]) for key in keys if key in seeds and key in titles]
    liked = [_quoted(titles[key]) for key in keys if key not in seeds and key in titles]
    found = []
    if liked:
        found.append(f"near {_and(liked)}, which you liked")
    if named:
        found.append(f"near {_and(named)}, which you began with")
    if words:
        found.append(f"near your words {_and([_quoted(text) for text in words])}")
    return found


def _quoted(text: str) -> str:
    return f"“{text}”"


def _and(items: Sequence[str]) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"
