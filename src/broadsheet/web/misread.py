"""What does not fit in a request, as one of our errors: which name or value, why, and what would fit.

Pydantic finds it; its own sentences speak of Python and in English alone.
"""

import difflib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import fields
from typing import Any, Final, get_args, get_origin

from fastapi import Request
from fastapi.dependencies.models import Dependant
from starlette.datastructures import Headers

from broadsheet.errors import UsageError
from broadsheet.words.said import Listed, said

EXACTLY: Final = {"extra": "forbid"}
"""Of a body of the API, as its `__pydantic_config__`: a name that it does not know is wrong, not passed over."""

_LONGEST: Final = 100
"""Letters of a value that a sentence repeats."""

_DESCRIBED: Final = said("/api/v1/openapi.json says what each address takes")

_KINDS: Final = (
    (("string",), said("is no text"), said("write it in quotes")),
    (("int", "float"), said("is no whole number"), said("write one such as 20")),
    (("bool",), said("is neither true nor false"), said("write one of the two")),
    (("date",), said("is no day"), said("write one such as 2025-11-20")),
    (("list", "sequence", "tuple"), said("is no list"), said("write it in brackets, even for one")),
)
"""By how pydantic calls what it expected."""


def way_out(path: str) -> str:
    """What there is to do about a request that an address does not take."""
    return _DESCRIBED if path.startswith("/api/") else said("open the page again")


async def known_alone(request: Request) -> None:
    """For a route of the API. Raises UsageError where a request says something that the route would pass over.

    That is a parameter that it does not take, one that is given twice where one is taken, a name that a body has twice,
    and a body where none is; an empty object, which programs send out of habit, says nothing.
    """
    route = request.scope["route"]
    if request.query_params:
        known = dict(_parameters(route.dependant))
        for name in request.query_params:
            if name not in known:
                raise _unknown(name, sorted(known), said("this address takes none"))
        _each_once([name for name, _value in request.query_params.multi_items() if not known[name]])
    if has_body(request.headers):
        body = await request.body()
        if route.body_field is None and body.strip() not in (b"", b"{}"):
            raise UsageError("body", said("is not taken at this address"), _DESCRIBED)
        with suppress(ValueError, RecursionError):  # what is no JSON is told by `misread`
            json.loads(body, object_pairs_hook=lambda pairs: _each_once([name for name, _value in pairs]))


def _each_once(names: Sequence[str]) -> None:
    for name, times in Counter(names).items():
        if times > 1:
            raise UsageError(name[:_LONGEST], said("is given %(times)s times", times=times), said("give it once"))


def has_body(headers: Headers) -> bool:
    """Whether a request comes with one (RFC 9112, 6.3)."""
    return "transfer-encoding" in headers or headers.get("content-length", "0") != "0"


def misread(errors: Sequence[Mapping[str, Any]], request: Request, path: str) -> UsageError:
    """The first of what pydantic found; a name that is unknown before one that is missing, for which it may stand."""
    wrong = next((error for error in errors if error["type"] == "unexpected_keyword_argument"), errors[0])
    kind, given, limits = wrong["type"], wrong["input"], wrong.get("ctx", {})
    names = [str(part) for part in wrong["loc"][1:] if not isinstance(part, int)]
    name = ".".join(names) or "body"
    subject = f"{name}={str(given)[:_LONGEST]}"
    if kind == "unexpected_keyword_argument":
        return _unknown(name, _of_body(request), said("its body takes none"))
    if name == "body" and (kind != "missing" or _of_body(request)):
        return _no_body(kind, _of_body(request))
    if kind == "missing":
        return UsageError(name, said("is missing"), way_out(path))
    if kind == "string_too_long":
        return UsageError(name, said("has more than %(most)s letters", most=limits["max_length"]), said("shorten it"))
    if kind == "literal_error":
        return UsageError(subject, said("is none of %(known)s", known=limits["expected"]), said("write one of them"))
    if kind == "greater_than_equal":
        return UsageError(subject, said("is less than %(least)s", least=limits["ge"]), said("write that or more"))
    if kind == "less_than_equal":
        return UsageError(subject, said("is more than %(most)s", most=limits["le"]), said("write that or less"))
    unread = [said("cannot be read"), way_out(path)]
    cause, way = next((told for kinds, *told in _KINDS if kind.startswith(kinds)), unread)
    return UsageError(subject, cause, way)


def _unknown(name: str, known: Sequence[str], none: str) -> UsageError:
    near, listed = difflib.get_close_matches(name, known, 1), Listed(tuple(known))
    hint = said("known are %(names)s", names=listed) if known else none
    if near:
        others = said("did you mean %(name)s? Known are %(names)s", name=near[0], names=listed)
        hint = others if len(known) > 1 else said("did you mean %(name)s?", name=near[0])
    return UsageError(name[:_LONGEST], said("is not known here"), hint)


def _no_body(kind: str, known: Sequence[str]) -> UsageError:
    way = said("send a JSON object with %(names)s, as `Content-Type: application/json`", names=Listed(tuple(known)))
    if kind == "missing":
        return UsageError("body", said("is missing"), way)
    return UsageError("body", said("is no JSON") if kind == "json_invalid" else said("is no JSON object"), way)


def _of_body(request: Request) -> list[str]:
    """The names that the body of a route of the API may have, in their order."""
    body = getattr(request.scope.get("route"), "body_field", None)
    made: Any = body.field_info.annotation if body else None
    return [field.name for field in fields(made)] if hasattr(made, "__pydantic_config__") else []


def _parameters(needs: Dependant) -> Iterable[tuple[str, bool]]:
    """Each by its name, and whether it may be given several times."""
    for parameter in needs.query_params:
        kind = parameter.field_info.annotation
        yield parameter.alias, any(get_origin(one) is list for one in (kind, *get_args(kind)))
    for other in needs.dependencies:
        yield from _parameters(other)
