"""One paper with all that is known of it."""

from dataclasses import dataclass

from broadsheet.errors import NotFound
from broadsheet.library.handle import Library
from broadsheet.library.shelf.mark import paper_id_of
from broadsheet.types import Earlier, Hit, Known, Paper, Signal
from broadsheet.words.said import said


@dataclass(frozen=True, slots=True)
class PaperView:
    """`id`: in the store. `parts`: the works it was joined from, or itself. `signals`: all counts over time.

    `latest`: the newest of each. `earlier`: what its parts said in versions that the library saw replaced.
    """

    id: int
    paper: Paper
    parts: tuple[Paper, ...]
    signals: tuple[Signal, ...]
    latest: tuple[Signal, ...]
    related: tuple[Hit, ...]
    earlier: tuple[Earlier, ...] = ()


def find_known(lib: Library, key: str) -> tuple[int, Known]:
    """Store id and paper for a key or any spelling of one of its ids. Raises NotFound."""
    from broadsheet.store import papers

    with lib.store.reading() as conn:
        paper_id = paper_id_of(conn, key)
        return paper_id, papers.known_by_id(conn, paper_id)


def key_of(lib: Library, paper_id: int) -> str:
    """The key of the paper with this store id. Raises NotFound."""
    from broadsheet.store import papers

    with lib.store.reading() as conn:
        found = papers.keys(conn, [paper_id]).get(paper_id)
    if found is None:
        raise NotFound(
            said("paper %(key)s", key=f"{paper_id}"),
            "is not in the library",
            "`broadsheet search` finds keys",
        )
    return found


def show(lib: Library, key: str, *, related: int = 0) -> PaperView:
    """Everything about a paper. Raises NotFound."""
    from broadsheet.store import earlier, signals

    paper_id, known = find_known(lib, key)
    with lib.store.reading() as conn:
        series = signals.series(conn, paper_id)
        texts = earlier.of(conn, [paper_id]).get(paper_id, ())
    newest = {(s.source, s.kind): s for s in sorted(series, key=lambda s: s.at)}
    hits = _related(lib, paper_id, known.paper, related) if related else ()
    return PaperView(paper_id, known.paper, known.parts, tuple(series), tuple(newest.values()), hits, tuple(texts))


def _related(lib: Library, paper_id: int, paper: Paper, limit: int) -> tuple[Hit, ...]:
    """The same until an index changes."""
    name = ("related", paper_id, limit, lib.engine.stamps())
    return lib.rankings.get(name, lambda: lib.engine.related(paper_id, paper, limit))
