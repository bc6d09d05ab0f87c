"""What others said for a reader: comments that name them or answer theirs; and for editors what was reported."""

from dataclasses import dataclass

from broadsheet.errors import NotFound
from broadsheet.library.comments.discussion import may_see
from broadsheet.library.handle import Library
from broadsheet.types import Comment, Paper, Reader
from broadsheet.words.said import said

MOST = 50


@dataclass(frozen=True, slots=True)
class Said:
    """A comment away from its page: who said it on which paper. `why` is `mention`, `answer` or empty."""

    comment: Comment
    author: Reader | None
    paper: Paper
    people: tuple[Reader, ...]
    why: str = ""
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class Reported:
    """A comment that readers want looked at, with who says why."""

    said: Said
    reports: tuple[tuple[Reader | None, str], ...]


def unseen(lib: Library, who: Reader) -> int:
    """How many comments are for a reader who has not seen them."""
    from broadsheet.store import comments

    if not may_see(lib, who):
        return 0
    with lib.store.reading() as conn:
        return comments.unseen(conn, who.id)


def notices(lib: Library, who: Reader) -> list[Said]:
    """The comments that are for a reader, the newest first."""
    from broadsheet.store import comments

    if not may_see(lib, who):
        return []
    with lib.store.reading() as conn:
        found = comments.notices(conn, who.id, MOST)
    said = _told(lib, [c for c, _, _ in found])
    told = {c.id: (kind, is_new) for c, kind, is_new in found}
    return [Said(s.comment, s.author, s.paper, s.people, *told[s.comment.id]) for s in said]


def seen(lib: Library, who: Reader) -> None:
    """Note that a reader has seen what is for them."""
    from broadsheet.store import comments

    with lib.store.writing() as conn:
        comments.mark_seen(conn, who.id, lib.now())


def said_by(lib: Library, name: str, who: Reader | None) -> tuple[Reader, list[Said]]:
    """A reader by name, and what they said last, as far as it is for the visitor. Raises NotFound."""
    from broadsheet.store import comments, readers

    with lib.store.reading() as conn:
        reader = readers.named(conn, name.lower()) if may_see(lib, who) else None
        found = comments.of_reader(conn, reader.id, MOST) if reader else []
    if reader is None:
        raise NotFound(said("reader %(name)s", name=repr(name)), "is not known here", "names stand beside comments")
    return reader, _told(lib, found)


def reported(lib: Library) -> list[Reported]:
    """What editors should look at, what was reported first first."""
    from broadsheet.store import comments

    with lib.store.reading() as conn:
        reports = comments.reports(conn)
        about = [c for comment_id in reports if (c := comments.get(conn, comment_id))]
        people = comments.people(conn, {r.reader_id for some in reports.values() for r in some})
    return [
        Reported(s, tuple((people.get(r.reader_id), r.reason) for r in reports[s.comment.id]))
        for s in _told(lib, about)
    ]


def keep(lib: Library, comment_id: str) -> None:
    """Settle the reports on a comment that is well as it is."""
    from broadsheet.store import comments

    with lib.store.writing() as conn:
        comments.settle(conn, comment_id)


def _told(lib: Library, said: list[Comment]) -> list[Said]:
    from broadsheet import prose
    from broadsheet.store import comments, papers

    with lib.store.reading() as conn:
        about = dict(papers.by_ids(conn, list({c.paper_id for c in said})))
        authors = comments.people(conn, {c.reader_id for c in said if c.reader_id is not None})
        people = comments.named(conn, {name for c in said for name in prose.mentioned(c.text)})
    return [
        Said(
            c,
            authors.get(c.reader_id or 0),
            about[c.paper_id],
            tuple(people[name] for name in prose.mentioned(c.text) if name in people),
        )
        for c in said
        if c.paper_id in about
    ]
