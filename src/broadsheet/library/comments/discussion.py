"""What readers say to each other on a paper: said, answered, changed, taken back, and looked after by editors.

Who may see and do what is decided here, the same for pages and programs. Comments are there for readers who have signed
in, and for others only where the setting `comments.public` says so.
"""

import secrets
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from broadsheet.errors import NotFound, NotYours, TooManyTries, UsageError
from broadsheet.library.handle import Library
from broadsheet.library.papers.show import find_known
from broadsheet.types import Comment, Paper, Reader
from broadsheet.words import said as speech
from broadsheet.words.said import said

if TYPE_CHECKING:
    from broadsheet.store import Connection

LONGEST: Final = 10_000
LONGEST_REASON: Final = 500
HOUR: Final = timedelta(hours=1)
EDITORS: Final = ("editor", "admin")


@dataclass(frozen=True, slots=True)
class Spoken:
    """A comment as one reader sees it: `depth` answers deep, and what they may do with it.

    `author` is None where it was taken back or the reader is no more; then, and for those who may not read what an
    editor hid, `text` is empty. `people`: those whom it names.
    """

    comment: Comment
    author: Reader | None
    text: str
    depth: int
    people: tuple[Reader, ...]
    is_own: bool
    may_hide: bool


@dataclass(frozen=True, slots=True)
class Discussion:
    """The comments on a paper in reading order. `total` counts those with a text; `open`: whether one may be added."""

    spoken: tuple[Spoken, ...]
    total: int
    open: bool


def may_see(lib: Library, who: Reader | None) -> bool:
    """Whether there are comments for this visitor."""
    return lib.settings.comments.enabled and (who is not None or lib.settings.comments.public)


def discussion(lib: Library, paper_id: int, who: Reader | None) -> Discussion:
    """What was said of a paper; where comments are off, or not for this visitor, there are none."""
    from broadsheet.store import comments

    if not may_see(lib, who):
        return Discussion((), 0, open=False)
    with lib.store.reading() as conn:
        said = comments.of_paper(conn, paper_id)
        spoken = tuple(_seen(conn, _threaded(said), who))
    return Discussion(spoken, sum(bool(s.text) for s in spoken), open=who is not None)


def say(lib: Library, who: Reader, key: str, text: str, parent: str | None = None) -> Comment:
    """Comment on a paper, or answer a comment on it; those who are named and answered are told.

    Raises NotFound for the paper or the comment, UsageError for a text that cannot be, TooManyTries for too many.
    """
    from broadsheet.store import comments

    text = _checked(lib, text)
    paper_id, known = find_known(lib, key)
    now = lib.now()
    with lib.store.writing() as conn:
        if comments.count_since(conn, who.id, now - HOUR) >= lib.settings.comments.per_hour:
            raise TooManyTries("comment", "you wrote many within the hour", "wait a while; keep your text")
        above = comments.get(conn, parent) if parent else None
        if parent and (above is None or above.paper_id != paper_id or above.removed or above.hidden):
            raise NotFound("comment", "the one that you answer is no more", "comment on the paper itself")
        said = Comment(
            id=secrets.token_hex(8), paper_id=paper_id, reader_id=who.id, at=now, text=text, parent=parent or None
        )
        comments.add(conn, said)
        told = _tell(conn, said, who, above)
    _mail(lib, who, known.paper, said, told)
    return said


def rewrite(lib: Library, who: Reader, comment_id: str, text: str) -> Comment:
    """Change one's own comment; who is newly named is told. Raises NotFound, NotYours or UsageError."""
    from broadsheet.store import comments

    text = _checked(lib, text)
    with lib.store.writing() as conn:
        before = _own(conn, who, comment_id)
        if before.text == text:
            return before
        after = replace(before, text=text, edited=lib.now())
        comments.change(conn, after)
        _tell(conn, after, who, None)
    return after


def take_back(lib: Library, who: Reader, comment_id: str) -> Comment:
    """Take one's own comment back; where it was answered its place stays. Raises NotFound or NotYours."""
    from broadsheet.store import comments

    with lib.store.writing() as conn:
        gone = _own(conn, who, comment_id)
        comments.remove(conn, gone, lib.now())
    return gone


def hide(lib: Library, who: Reader, comment_id: str, *, hidden: bool) -> Comment:
    """Keep a comment from others, or show it again; what was reported of it is settled. For editors and admins."""
    from broadsheet.store import comments

    if who.role not in EDITORS:
        raise NotYours("comment", "only editors hide comments", "report it to them")
    with lib.store.writing() as conn:
        before = _there(conn, comment_id)
        after = replace(before, hidden=lib.now() if hidden else None)
        comments.change(conn, after)
        comments.settle(conn, comment_id)
    return after


def report(lib: Library, who: Reader, comment_id: str, reason: str) -> Comment:
    """Ask editors to look at a comment. Raises NotFound, or UsageError for a reason that is too long."""
    from broadsheet.store import comments

    if len(reason) > LONGEST_REASON:
        raise UsageError(
            "reason",
            said("has %(many)s characters", many=len(reason)),
            said("at most %(most)s are taken", most=LONGEST_REASON),
        )
    with lib.store.writing() as conn:
        about = _there(conn, comment_id)
        comments.add_report(conn, comments.Report(about.id, who.id, lib.now(), _storable(reason)))
    return about


def find(lib: Library, comment_id: str, who: Reader | None) -> tuple[Paper, Spoken]:
    """A comment that the visitor may see, with its paper. Raises NotFound."""
    from broadsheet.store import papers

    with lib.store.reading() as conn:
        said = _there(conn, comment_id) if may_see(lib, who) else None
        spoken = next(_seen(conn, [(said, 0)], who), None) if said else None
        if said is None or spoken is None or not spoken.text:
            raise NotFound(speech.said("comment %(id)s", id=comment_id), "is not here", "it may have been taken back")
        return papers.by_ids(conn, [said.paper_id])[0][1], spoken


def _checked(lib: Library, text: str) -> str:
    if not lib.settings.comments.enabled:
        raise UsageError("comment", "comments are switched off here", "a private note is on the paper's page")
    text = _storable(text)
    if not text:
        raise UsageError("comment", "is empty", "write something")
    if len(text) > LONGEST:
        raise UsageError(
            "comment",
            speech.said("has %(many)s characters", many=len(text)),
            speech.said("at most %(most)s are taken", most=LONGEST),
        )
    return text


def _storable(text: str) -> str:
    """What databases keep: no zeros, no half characters, one kind of line end."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "").replace("\r\n", "\n").strip()


def _there(conn: "Connection", comment_id: str) -> Comment:
    from broadsheet.store import comments

    found = comments.get(conn, comment_id)
    if found is None or found.removed:
        raise NotFound(speech.said("comment %(id)s", id=comment_id), "is not here", "it may have been taken back")
    return found


def _own(conn: "Connection", who: Reader, comment_id: str) -> Comment:
    found = _there(conn, comment_id)
    if found.reader_id != who.id:
        raise NotYours("comment", "is another reader's", "answer it, or report it")
    return found


def _tell(conn: "Connection", said: Comment, who: Reader, above: Comment | None) -> list[Reader]:
    """Note whom a comment is for; returns those who are told for the first time. Nobody is told of their own."""
    from broadsheet import prose
    from broadsheet.store import comments

    named = comments.named(conn, prose.mentioned(said.text)).values()
    answered = comments.people(conn, [above.reader_id] if above and above.reader_id else []).values()
    readers = {r.id: r for r in (*named, *answered) if r.id != who.id and not r.disabled}
    told = comments.tell(conn, said.id, [(r.id, "mention" if r in named else "answer") for r in readers.values()])
    return [readers[reader_id] for reader_id in sorted(told)]


def _mail(lib: Library, who: Reader, paper: Paper, comment: Comment, told: Iterable[Reader]) -> None:
    """Mail those who asked for it, within the limit of what anybody can have sent to an address."""
    from broadsheet.digest.render import Notice
    from broadsheet.library.address import address
    from broadsheet.library.digests.subscription import may_mail, queue_notice
    from broadsheet.library.mails.post import is_set_up
    from broadsheet.library.readers import preferences_of
    from broadsheet.text import plain

    for reader in told if is_set_up(lib) else ():
        if not reader.email or not preferences_of(lib, reader).mentions or not may_mail(lib, reader.email):
            continue
        name, title = who.display or who.name, plain(paper.title)
        notice = Notice(
            subject=speech.said("%(name)s on %(title)s", name=name, title=title),
            sentence=speech.said("%(name)s wrote something for you on “%(title)s”.", name=name, title=title),
            button=speech.said("Read it"),
            link=address(lib, f"comments/{comment.id}"),
            otherwise=speech.said("You asked for such mails in your settings, and can stop them there."),
        )
        queue_notice(lib, reader, reader.email, notice, f"comment:{comment.id}")


def _threaded(said: Sequence[Comment]) -> list[tuple[Comment, int]]:
    """Comments in reading order, each with how deep it is: answers come after what they answer, oldest first."""
    there = {c.id for c in said}
    answers: dict[str, list[Comment]] = defaultdict(list)
    for c in said:
        answers[c.parent if c.parent in there and c.parent != c.id else ""].append(c)
    order: list[tuple[Comment, int]] = []
    waiting = [(c, 0) for c in reversed(answers[""])]
    while waiting:
        c, depth = waiting.pop()
        order.append((c, depth))
        waiting += [(answer, depth + 1) for answer in reversed(answers[c.id])]
    return order


def _seen(conn: "Connection", order: Sequence[tuple[Comment, int]], who: Reader | None) -> Iterator[Spoken]:
    """Comments as a visitor sees them. What is hidden from them is left out, or a place without a text if answered."""
    from broadsheet import prose
    from broadsheet.store import comments

    authors = comments.people(conn, {c.reader_id for c, _ in order if c.reader_id is not None})
    names = {name for c, _ in order for name in prose.mentioned(c.text)}
    people: Mapping[str, Reader] = comments.named(conn, names)
    answered = {c.parent for c, _ in order}
    may_hide = who is not None and who.role in EDITORS
    for c, depth in order:
        is_own = who is not None and c.reader_id == who.id
        is_shown = not c.hidden or is_own or may_hide
        if not is_shown and c.id not in answered:
            continue
        named = tuple(people[name] for name in prose.mentioned(c.text) if name in people)
        author = authors.get(c.reader_id or 0) if is_shown else None
        yield Spoken(c, author, c.text if is_shown else "", depth, named if is_shown else (), is_own, may_hide)
