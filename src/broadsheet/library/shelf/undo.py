"""Taking back the last thing that a reader did: a mark, or something about a collection or a saved search."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from broadsheet.errors import Overtaken
from broadsheet.library.handle import Library
from broadsheet.library.readers import find_reader
from broadsheet.library.shelf.mark import Marked, marked_now
from broadsheet.text import plain
from broadsheet.types import MarkKind
from broadsheet.words.said import counted, in_a_row, said

if TYPE_CHECKING:
    from broadsheet.store.actions import How
    from broadsheet.store.undo import Action

_MARKED: Final[Mapping[MarkKind, str]] = {
    "up": said("more like %(title)s"),
    "down": said("less like %(title)s"),
    "save": said("saved: %(title)s"),
    "read": said("read: %(title)s"),
    "hide": said("hidden: %(title)s"),
    "note": said("a note on %(title)s"),
}
_COLLECTED: "Final[Mapping[How, str]]" = {
    "begun": said("made the collection %(name)s"),
    "ended": said("deleted the collection %(name)s"),
    "changed": said("changed the collection %(name)s"),
}
_SEARCHED: "Final[Mapping[How, str]]" = {
    "begun": said("saved the search %(name)s"),
    "ended": said("deleted the saved search %(name)s"),
}


@dataclass(frozen=True, slots=True)
class LastAction:
    """What a reader did last, and when; `told` says it in words, `name` tells it from any other."""

    at: datetime
    told: str
    name: str


@dataclass(frozen=True, slots=True)
class Undone:
    """What an action was about that was taken back, as it is now. `things`: names of collections and searches."""

    papers: tuple[Marked, ...] = ()
    things: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.papers or self.things)


def last_action(lib: Library, reader: str | None) -> LastAction | None:
    """What `undo` would take back; None where there is nothing."""
    from broadsheet.store import papers
    from broadsheet.store import undo as store

    who = find_reader(lib, reader)
    with lib.store.reading() as conn:
        done = store.last(conn, who.id)
        if done is None:
            return None
        titles = {i: plain(paper.title) for i, paper in papers.by_ids(conn, [i for i, _, _ in done.marks])}
    return LastAction(done.at, in_a_row(_told(done, titles)), _name(done.at))


def _name(at: datetime) -> str:
    return at.isoformat()


def _told(done: "Action", titles: Mapping[int, str]) -> Iterable[str]:
    begun = [one for one in done.marks if one[2] == "begun"]
    marked = begun or done.marks  # a mark that ended because another began is not worth a word
    if marked:
        paper_id, kind, how = marked[0]
        what = said(_MARKED[kind], title=said("“%(text)s”", text=titles.get(paper_id, "")))
        yield what if how == "begun" else said("took back: %(what)s", what=what)
        if more := len({i for i, _, _ in marked}) - 1:
            yield counted("%(num)s more paper", "%(num)s more papers", more)
    for ways, things in ((_COLLECTED, done.collections), (_SEARCHED, done.searches)):
        yield from (said(ways[how], name=said("“%(text)s”", text=name)) for name, how in things)


def undo(lib: Library, reader: str | None, told: str | None = None) -> Undone:
    """Take back a reader's last action; nothing in it: there was none.

    `told`: the `name` of the action that the reader means. Raises Overtaken where they have done something else since.
    """
    from broadsheet.store import undo as store

    who = find_reader(lib, reader)
    with lib.store.writing() as conn:
        if told is not None and (done := store.last(conn, who.id)) and _name(done.at) != told:
            raise Overtaken(
                said("what you did last"),
                "is something else by now, and nothing was taken back",
                "look at it once more",
            )
        undone = store.undo(conn, who.id)
        if undone is None:
            return Undone()
        papers = tuple(marked_now(conn, who, paper_id, changed=True) for paper_id in undone.papers)
    return Undone(papers, (*undone.collections, *undone.searches))
