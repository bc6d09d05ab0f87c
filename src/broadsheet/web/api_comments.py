"""Comments in the REST API: the same as on pages, for the reader whose token asks."""

from dataclasses import dataclass
from typing import Any

from fastapi import Response

from broadsheet.library import answers as shapes
from broadsheet.library.comments import discussion
from broadsheet.library.handle import Library
from broadsheet.library.papers.show import find_known
from broadsheet.types import Reader
from broadsheet.web.access import Lib, Who, Writer, sign_in_needed
from broadsheet.web.documented import documented
from broadsheet.web.misread import EXACTLY
from broadsheet.web.routers import for_programs

router = for_programs("comments", "/api/v1")


@dataclass(frozen=True, slots=True)
class Text:
    """The Markdown of a comment as it is sent."""

    __pydantic_config__ = EXACTLY

    text: str


@dataclass(frozen=True, slots=True)
class Comment(Text):
    """A comment as it is sent, and the id of the comment that it answers."""

    parent: str | None = None


@router.get("/papers/{key:path}/comments", responses=documented("comments", 401, 404))
def comments_on(lib: Lib, who: Who, key: str) -> dict[str, Any]:
    """What readers said of a paper, in reading order: answers follow what they answer.

    For readers who have signed in, and for others where the instance says so.
    """
    if who.reader is None and not lib.settings.comments.public:
        raise sign_in_needed()
    found = discussion.discussion(lib, find_known(lib, key)[0], who.reader)
    return {"total": found.total, "comments": [shapes.comment_fields(spoken) for spoken in found.spoken]}


@router.post("/papers/{key:path}/comments", status_code=201, responses=documented("comment", 400, 401, 404, status=201))
def comment_on(lib: Lib, who: Writer, key: str, said: Comment) -> dict[str, Any]:
    """Comment on a paper, or answer a comment on it. The body is `{"text", "parent"}`, the text Markdown."""
    return _told(lib, who.known, discussion.say(lib, who.known, key, said.text, said.parent).id)


@router.put("/comments/{comment_id}", responses=documented("comment", 400, 401, 403, 404))
def change(lib: Lib, who: Writer, comment_id: str, said: Text) -> dict[str, Any]:
    """Change one's own comment. The body is `{"text"}`."""
    return _told(lib, who.known, discussion.rewrite(lib, who.known, comment_id, said.text).id)


@router.delete("/comments/{comment_id}", status_code=204, response_class=Response)
def take_back(lib: Lib, who: Writer, comment_id: str) -> None:
    """Take one's own comment back. One that was answered leaves a place without a text."""
    discussion.take_back(lib, who.known, comment_id)


def _told(lib: Library, who: Reader, comment_id: str) -> dict[str, Any]:
    return shapes.comment_fields(discussion.find(lib, comment_id, who)[1])
