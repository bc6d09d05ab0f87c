"""Comments on papers: forms that write, change, take back, report and hide; what is for a reader; what one said.

A text that cannot be taken stays in its form: the answer is a page with the form again, and why.
"""

from urllib.parse import quote

from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse

from broadsheet.errors import UsageError
from broadsheet.library.comments import discussion, notices
from broadsheet.library.handle import Library
from broadsheet.library.papers.show import find_known, key_of
from broadsheet.types import Comment
from broadsheet.web import render
from broadsheet.web.access import Editor, Lib, PersonWriting, SignedIn, Who, led_to, ours
from broadsheet.web.failures import status_of
from broadsheet.web.routers import Field, for_readers
from broadsheet.words.failure import told

router = for_readers()


@router.post("/comments")
def say(request: Request, lib: Lib, who: PersonWriting, key: Field, text: Field = "", parent: Field = "") -> Response:
    """Comment on a paper, or answer a comment."""
    try:
        said = discussion.say(lib, who.known, key, text, parent or None)
    except UsageError as e:
        return _again(request, lib, e, key=key, text=text, parent=parent)
    return _to_comment(request, lib, said)


@router.get("/comments/{comment_id}")
def one(request: Request, lib: Lib, who: Who, comment_id: str) -> Response:
    """The place of a comment on its paper's page."""
    _, spoken = discussion.find(lib, comment_id, who.reader)
    return _to_comment(request, lib, spoken.comment)


@router.post("/comments/{comment_id}")
def change(request: Request, lib: Lib, who: PersonWriting, comment_id: str, text: Field = "") -> Response:
    """Change one's own comment."""
    try:
        said = discussion.rewrite(lib, who.known, comment_id, text)
    except UsageError as e:
        paper, _ = discussion.find(lib, comment_id, who.known)
        return _again(request, lib, e, key=paper.key, text=text, comment_id=comment_id)
    return _to_comment(request, lib, said)


@router.post("/comments/{comment_id}/remove")
def take_back(request: Request, lib: Lib, who: PersonWriting, comment_id: str) -> Response:
    """Take one's own comment back."""
    gone = discussion.take_back(lib, who.known, comment_id)
    return _to_comment(request, lib, gone)


@router.get("/comments/{comment_id}/report")
def ask_report(request: Request, lib: Lib, who: SignedIn, comment_id: str) -> str:
    """What shall an editor look at?"""
    paper, spoken = discussion.find(lib, comment_id, who.reader)
    return render.page(request, "report.html", paper=paper, said=spoken, longest=discussion.LONGEST_REASON)


@router.post("/comments/{comment_id}/report")
def report(request: Request, lib: Lib, who: PersonWriting, comment_id: str, reason: Field = "") -> Response:
    """Ask editors to look at a comment."""
    about = discussion.report(lib, who.known, comment_id, reason)
    return _to_comment(request, lib, about, "?reported")


@router.post("/comments/{comment_id}/hide", dependencies=[Depends(ours)])
def hide(request: Request, lib: Lib, who: Editor, comment_id: str, hidden: Field = "", back: Field = "") -> Response:
    """Keep a comment from others, or show it again."""
    done = discussion.hide(lib, who.known, comment_id, hidden=bool(hidden))
    return led_to(request, "/admin/comments") if back else _to_comment(request, lib, done)


@router.get("/admin/comments")
def reported(request: Request, lib: Lib, _who: Editor) -> str:
    """What readers want looked at."""
    return render.page(request, "reported.html", reported=notices.reported(lib))


@router.post("/admin/comments", dependencies=[Depends(ours)])
def keep(request: Request, lib: Lib, _who: Editor, comment: Field) -> Response:
    """A reported comment is well as it is."""
    notices.keep(lib, comment)
    return led_to(request, "/admin/comments")


@router.get("/notices")
def for_me(request: Request, lib: Lib, who: SignedIn) -> str:
    """What others said for the reader."""
    return render.page(request, "notices.html", said=notices.notices(lib, who.known))


@router.post("/notices")
def seen(request: Request, lib: Lib, who: PersonWriting) -> Response:
    """All of it is read."""
    notices.seen(lib, who.known)
    return led_to(request, "/notices")


@router.get("/by/{name}")
def by(request: Request, lib: Lib, who: Who, name: str) -> str:
    """What a reader said last."""
    reader, said = notices.said_by(lib, name, who.reader)
    return render.page(request, "by.html", reader=reader, said=said)


def _again(
    request: Request, lib: Library, error: UsageError, *, key: str, text: str, parent: str = "", comment_id: str = ""
) -> Response:
    """The form with what was written in it, and why it was not taken."""
    _, known = find_known(lib, key)
    page = render.page(
        request,
        "comment.html",
        paper=known.paper,
        text=text,
        parent=parent,
        comment_id=comment_id,
        trouble=told(error),
        longest=discussion.LONGEST,
    )
    return HTMLResponse(page, status_of(error))


def _to_comment(request: Request, lib: Library, about: Comment, told: str = "") -> Response:
    return led_to(request, f"/paper/{quote(key_of(lib, about.paper_id), safe='')}{told}#c-{about.id}")
