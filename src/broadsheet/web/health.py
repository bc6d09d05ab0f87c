"""For those who run an instance: whether it lives, whether it can serve, and its figures for Prometheus."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import Depends, Request
from fastapi.responses import JSONResponse, PlainTextResponse

from broadsheet.errors import BroadsheetError
from broadsheet.library.upkeep.status import status
from broadsheet.web.access import Lib, may_read
from broadsheet.web.failures import outages_of
from broadsheet.web.routers import for_all

router = for_all(answers=JSONResponse)

_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_HELP: Final = {
    "broadsheet_papers": "Papers in the library.",
    "broadsheet_problems": "Problems that the status page tells.",
    "broadsheet_source_last_success_seconds": "When a source was last harvested without fault, in seconds since 1970.",
    "broadsheet_source_due": "Whether a source is due.",
    "broadsheet_index_papers": "Papers in an index.",
    "broadsheet_index_behind": "Changes that an index has yet to take.",
    "broadsheet_mails": "Mails by what became of them.",
    "broadsheet_digest_readers": "Readers who want digests: on, not confirmed yet, or suspended.",
}


@router.get("/health")
def health() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/ready")
def ready(lib: Lib, request: Request) -> JSONResponse:
    """The library can be read; 503 with the reason where it cannot."""
    try:
        empty = lib.store.is_empty()
    except BroadsheetError as e:
        return JSONResponse({"status": "not ready", "reason": str(outages_of(request).for_visitors(e))}, 503)
    return JSONResponse({"status": "ready", "empty": empty})


@router.get("/metrics")
def metrics(lib: Lib, _: Annotated[None, Depends(may_read)]) -> PlainTextResponse:
    """Figures in the text format of Prometheus."""
    lines: list[str] = []
    known = ""
    for name, labels, value in _figures(status(lib)):
        if name != known:
            lines += [f"# HELP {name} {_HELP[name]}", f"# TYPE {name} gauge"]
            known = name
        lines.append(f"{name}{labels} {value}")
    return PlainTextResponse("\n".join(lines) + "\n", media_type=_TYPE)


def _figures(told: dict[str, Any]) -> Iterator[tuple[str, str, float]]:
    yield "broadsheet_papers", "", told["papers"]
    yield "broadsheet_problems", "", len(told["problems"])
    succeeded = [s for s in told["sources"] if s["last_ok"]]
    for s in succeeded:
        at = datetime.fromisoformat(s["last_ok"]).timestamp()
        yield "broadsheet_source_last_success_seconds", _label("source", s["source"]), at
    for s in told["sources"]:
        yield "broadsheet_source_due", _label("source", s["source"]), int(s["due"])
    for i in told["indexes"]:
        yield "broadsheet_index_papers", _label("index", i["name"]), i["count"]
    for i in told["indexes"]:
        yield "broadsheet_index_behind", _label("index", i["name"]), i["behind"]
    for state in ("queued", "sent", "uncertain", "failed"):
        yield "broadsheet_mails", _label("state", state), told["mail"][state]
    for state, many in told["mail"]["readers"].items():
        yield "broadsheet_digest_readers", _label("state", state), many


def _label(name: str, value: str) -> str:
    safe = value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
    return f'{{{name}="{safe}"}}'
