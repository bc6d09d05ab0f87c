"""Marks: a reader's word on a paper, kept at once, taken back at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import TYPE_CHECKING

from broadsheet.errors import NotFound, Overtaken, UsageError
from broadsheet.library.handle import Library
from broadsheet.library.readers import find_reader
from broadsheet.text import canonical_id
from broadsheet.types import Mark, MarkKind, Paper, Reader
from broadsheet.words.said import said

if TYPE_CHECKING:
    from broadsheet.store import Connection

LONGEST_NOTE = 20_000


@dataclass(frozen=True, slots=True)
class Marked:
    """A paper and what a reader says of it now. `changed`: whether this call changed it; `votes`: of all readers."""

    reader: str
    paper: Paper
    marks: tuple[Mark, ...]
    votes: int
    changed: bool = False

    @property
    def kinds(self) -> tuple[MarkKind, ...]:
        """Which kinds of marks hold, in a fixed order."""
        from broadsheet.store.marks import KINDS

        held = {mark.kind for mark in self.marks}
        return tuple(kind for kind in KINDS if kind in held)

    @property
    def note(self) -> str | None:
        """The reader's note."""
        return _note_of(self.marks)


def mark(
    lib: Library,
    reader: str | None,
    key: str,
    kind: str,
    *,
    text: str | None = None,
    interest: str | None = None,
    seen: str | None = None,
) -> Marked:
    """Say something of a paper: one of `store.marks.KINDS`, or `clear` to take everything back but a note.

    An empty note takes the note back; `seen` is the `name_of_note` of the one that its writer saw before. `interest`:
    the interest that the mark shall teach; by default the one under which the paper was shown. Raises NotFound,
    UsageError for a word that is no mark, Overtaken where there is another note than was seen.
    """
    from broadsheet.store import marks

    who = find_reader(lib, reader)
    if kind == "clear" or (kind == "note" and text is not None and not text.strip()):
        kinds = ("note",) if kind == "note" else [k for k in marks.KINDS if k != "note"]
        return unmark(lib, who.name, key, kinds)
    if kind not in marks.KINDS:
        raise UsageError(
            said("mark %(kind)s", kind=repr(kind)),
            "is not known",
            said("marks are %(known)s", known=", ".join((*marks.KINDS, "clear"))),
        )
    with lib.store.writing() as conn:
        paper_id = paper_id_of(conn, key)
        if seen is not None and name_of_note(_own_note(conn, who, paper_id)) != seen:
            raise Overtaken(
                said("note"),
                "was changed in another window since this page was opened, and nothing was saved",
                "open the page again to see it, and save what you wrote once more",
            )
        made = Mark(
            paper_id, _kind(kind), lib.now(), None, _interest_id(conn, who, paper_id, interest), _note(kind, text)
        )
        changed = marks.put(conn, who.id, [made])
        return marked_now(conn, who, paper_id, changed=changed > 0)


def save_all(conn: "Connection", who: Reader, papers: Sequence[int], now: datetime) -> int:
    """Mark papers as saved, as one action in the caller's transaction; returns how many were not."""
    from broadsheet.store import marks, shown

    seen = shown.among(conn, who.id, papers)
    said = [Mark(i, "save", now, None, seen[i].interest_id if i in seen else None) for i in papers]
    return marks.put(conn, who.id, said)


def unmark(lib: Library, reader: str | None, key: str, kinds: Sequence[str]) -> Marked:
    """Take marks of these kinds back. Raises NotFound."""
    from broadsheet.store import marks

    who = find_reader(lib, reader)
    with lib.store.writing() as conn:
        paper_id = paper_id_of(conn, key)
        ended = marks.take_back(conn, who.id, [paper_id], lib.now(), [_kind(kind) for kind in kinds])
        return marked_now(conn, who, paper_id, changed=ended > 0)


def marked(lib: Library, reader: str | None, key: str) -> Marked:
    """What a reader says of one paper. Raises NotFound."""
    who = find_reader(lib, reader)
    with lib.store.reading() as conn:
        return marked_now(conn, who, paper_id_of(conn, key))


def name_of_note(note: str | None) -> str:
    """What tells a note from any other, and from none."""
    return blake2b((note or "").encode(), digest_size=8).hexdigest()


def note_on(lib: Library, reader: Reader, paper_id: int) -> str | None:
    """A reader's own note on a paper."""
    with lib.store.reading() as conn:
        return _own_note(conn, reader, paper_id)


def _own_note(conn: "Connection", reader: Reader, paper_id: int) -> str | None:
    from broadsheet.store import marks

    return "\n\n".join(marks.notes(conn, reader.id, paper_id)) or None


def savers(lib: Library, paper_id: int) -> list[tuple[str, str]]:
    """Name and display name of the readers who save a paper and let other readers see that."""
    from broadsheet.store import marks

    with lib.store.reading() as conn:
        return marks.savers(conn, paper_id)


def marks_of(
    lib: Library,
    reader: str | None,
    *,
    kinds: Sequence[str] = (),
    limit: int | None = None,
    at: datetime | None = None,
) -> tuple[list[Marked], int]:
    """The papers that a reader has marked, the newest mark first, and how many there are. `at`: as of a past time."""
    from broadsheet.store import marks, papers, votes

    who = find_reader(lib, reader)
    with lib.store.reading() as conn:
        wanted = tuple(map(_kind, kinds)) or marks.KINDS
        by_paper: dict[int, list[Mark]] = {}
        for held in marks.standing(conn, who.id, kinds=wanted, at=at):
            by_paper.setdefault(held.paper_id, []).append(held)
        some = list(by_paper)[:limit]
        counts = votes.latest(conn, some)
        found = papers.by_ids(conn, some)
    return [Marked(who.name, paper, tuple(by_paper[i]), counts.get(i, 0)) for i, paper in found], len(by_paper)


def _kind(kind: str) -> MarkKind:
    from broadsheet.store import marks

    for known in marks.KINDS:
        if known == kind:
            return known
    raise UsageError(
        said("mark %(kind)s", kind=repr(kind)),
        "is not known",
        said("marks are %(known)s", known=", ".join(marks.KINDS)),
    )


def _note(kind: str, text: str | None) -> str | None:
    if kind != "note":
        if text is not None:
            raise UsageError(said("mark %(kind)s", kind=kind), "takes no text", "write a note with the mark `note`")
        return None
    if text is None:
        raise UsageError("note", "has no text", 'write it in quotes; "" takes the note back')
    if len(text) > LONGEST_NOTE:
        raise UsageError("note", said("is longer than %(most)s characters", most=LONGEST_NOTE), "shorten it")
    return text.strip()


def paper_id_of(conn: "Connection", key: str) -> int:
    """The store id for a key or any spelling of one of a paper's ids. Raises NotFound."""
    from broadsheet.store import papers

    id = canonical_id(key) or ""
    found = papers.ids(conn, [key, id])
    for name in (key, id):
        if name in found:
            return found[name]
    way_out = said("`broadsheet search` finds keys")
    if id.startswith("arxiv:"):
        way_out = said("`broadsheet import %(id)s` asks arXiv for it", id=id)
    raise NotFound(said("paper %(key)s", key=repr(key)), "is not in the library", way_out)


def _interest_id(conn: "Connection", who: Reader, paper_id: int, name: str | None) -> int | None:
    from broadsheet.store import interests, shown

    if name is None:
        seen = shown.among(conn, who.id, [paper_id]).get(paper_id)
        return seen.interest_id if seen else None
    found = interests.named(conn, who.id, name)
    if found is None:
        raise NotFound(
            said("interest %(name)s", name=repr(name)),
            "there is none of that name",
            said("`broadsheet interest list %(name)s` lists them", name=who.name),
        )
    return found.id


def _note_of(said: Iterable[Mark]) -> str | None:
    """Of papers that were joined there may be several notes."""
    return "\n\n".join(mark.text for mark in said if mark.kind == "note" and mark.text) or None


def marked_now(conn: "Connection", who: Reader, paper_id: int, *, changed: bool = False) -> Marked:
    """What a reader says of a stored paper, in the caller's transaction."""
    from broadsheet.store import marks, papers, votes

    held = tuple(marks.standing(conn, who.id, papers=[paper_id]))
    paper = papers.by_ids(conn, [paper_id])[0][1]
    return Marked(who.name, paper, held, votes.latest(conn, [paper_id]).get(paper_id, 0), changed)
