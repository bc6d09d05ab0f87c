"""Taking back the last thing that a reader did: a mark, or something about a collection or a saved search."""

from dataclasses import dataclass

from broadsheet.library.handle import Library
from broadsheet.library.mark import Marked, marked_now
from broadsheet.library.readers import find_reader


@dataclass(frozen=True, slots=True)
class Undone:
    """What an action was about that was taken back, as it is now. `things`: names of collections and searches."""

    papers: tuple[Marked, ...] = ()
    things: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.papers or self.things)


def undo(lib: Library, reader: str | None) -> Undone:
    """Take back a reader's last action; nothing in it: there was none."""
    from broadsheet.store import undo as store

    who = find_reader(lib, reader)
    with lib.store.writing() as conn:
        undone = store.undo(conn, who.id)
        if undone is None:
            return Undone()
        papers = tuple(marked_now(conn, who, paper_id, changed=True) for paper_id in undone.papers)
    return Undone(papers, (*undone.collections, *undone.searches))
