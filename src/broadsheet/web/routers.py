"""Routers by whom they are for. What holds for all routes of one is said where it is made, not where an application
takes it in: taking in with a condition makes every route anew, for each application at its first request.
"""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Form
from fastapi.responses import HTMLResponse, JSONResponse, Response
from fastapi.routing import APIRoute

from broadsheet.web.access import may_read
from broadsheet.web.misread import known_alone

Field = Annotated[str, Form()]
"""What stands in a field of a form."""

UNKEPT: Final = {"Cache-Control": "no-store"}
"""The header of an answer that neither browsers nor proxies keep."""


class _Plain(APIRoute):
    """What its function returns goes out as it is: to see first whether it is a `str` takes another thread."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named | {"response_model": None})


def for_all(prefix: str = "", answers: type[Response] = HTMLResponse) -> APIRouter:
    """Pages that are open to everybody, or say themselves to whom."""
    return APIRouter(prefix=prefix, default_response_class=answers, include_in_schema=False, route_class=_Plain)


def for_readers(prefix: str = "") -> APIRouter:
    """Pages for those who may read here."""
    return APIRouter(
        prefix=prefix,
        default_response_class=HTMLResponse,
        include_in_schema=False,
        route_class=_Plain,
        dependencies=[Depends(may_read)],
    )


def for_programs(tag: str, prefix: str = "", answers: type[Response] = JSONResponse) -> APIRouter:
    """What the description of the API tells, under a tag of it, for those who may read here.

    Our own API takes no parameter that it does not know; clients of others' send what we need not know.
    """
    needs = [Depends(may_read), *([Depends(known_alone)] if prefix.startswith("/api/v1") else ())]
    return APIRouter(prefix=prefix, tags=[tag], default_response_class=answers, dependencies=needs)
