"""The description of the API in OpenAPI, at `/api/v1/openapi.json`."""

from typing import Any

from fastapi import FastAPI

from broadsheet import __version__
from broadsheet.web.documented import with_examples

ADDRESS = "/api/v1/openapi.json"

_ABOUT = """\
Reading a library of research papers: its editions, a search by words and meaning, every paper with what is known of it.

A reader's token goes into the header `Authorization: Bearer …`; readers make them on `/settings`, to read alone or to
write as well. On an instance that is not for everybody each request needs one.

Every error is `{"error": {"status", "message", "subject", "cause", "remedy"}}`; below `/api/v1` a name that is
not known, of a parameter or in a body, is one, and so is one that is given twice (but for parameters that are lists)
and a body where none is taken. Answers carry an ETag and are packed where the client takes gzip; asking
again with `If-None-Match` costs next to nothing. Long lists name the next page in a `Link` header.
"""

_TAGS = [
    {"name": "library", "description": "Editions, search, papers and status."},
    {"name": "marks", "description": "What the reader of a token says of papers."},
    {"name": "comments", "description": "What readers say to each other on papers."},
    {"name": "collections", "description": "A reader's lists of papers; tokens that may write change them."},
    {"name": "searches", "description": "A reader's saved searches, and what is new in them."},
    {"name": "Hugging Face", "description": "The endpoints of Hugging Face's papers, same paths and fields."},
    {"name": "lists", "description": "Every list as a feed or a file of citations."},
]


class DescribedApp(FastAPI):
    """An application whose description has the errors that it really gives."""

    def openapi(self) -> dict[str, Any]:
        """As FastAPI makes it, without its own shape of a misread parameter (422): ours is a 400 in the envelope."""
        if self.openapi_schema is None:
            self.openapi_schema = with_examples(_without_422(super().openapi()))
        return self.openapi_schema


def _without_422(schema: dict[str, Any]) -> dict[str, Any]:
    for operations in schema["paths"].values():
        for operation in operations.values():
            operation["responses"].pop("422", None)
    for name in ("HTTPValidationError", "ValidationError"):
        schema.get("components", {}).get("schemas", {}).pop(name, None)
    return schema


def described() -> DescribedApp:
    """An application without routes, described."""
    return DescribedApp(
        title="Broadsheet",
        version=__version__,
        summary="Daily papers, self-hosted.",
        description=_ABOUT,
        openapi_tags=_TAGS,
        openapi_url=ADDRESS,
        docs_url=None,
        redoc_url=None,
    )
