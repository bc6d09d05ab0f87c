"""A small Zotero on loopback, by the documented protocol: pages, versions, preconditions, fifty items a write."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.loopback import Server, Silent, running

KEY = "P9NiFoyLeZu2bZNvvuQPDWsd"


@dataclass
class Zotero:
    """One library: its items (CSL-JSON with the version), what was written to it, and how it shall misbehave."""

    url: str = ""
    version: int = 10
    csl: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    written: list[dict[str, Any]] = field(default_factory=list)
    collections: list[dict[str, Any]] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    changed_meanwhile: int = 0
    busy: int = 0
    asked: list[str] = field(default_factory=list)
    writes: list[int] = field(default_factory=list)

    def get(self, path: str, query: dict[str, list[str]]) -> list[Any]:
        """All that an address lists."""
        if path.endswith("/collections"):
            return self.collections
        inside = re.search(r"/collections/(\w{8})/items/top$", path)
        if inside and query["format"] == ["json"]:
            return [{"data": item} for item in self.written if inside[1] in item.get("collections", [])]
        since = int(query.get("since", ["0"])[0])
        return [item for version, item in self.csl if version > since]

    def post(self, path: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
        """Write rows; titles in `refused` fail."""
        answer: dict[str, Any] = {"successful": {}, "unchanged": {}, "failed": {}}
        self.version += 1
        self.writes.append(len(rows))
        for number, row in enumerate(rows):
            if row.get("title") in self.refused:
                answer["failed"][str(number)] = {"code": 400, "message": "'title' is refused"}
                continue
            kept = {"key": f"K{len(self.written) + len(self.collections):07}", "data": row}
            if path.endswith("/collections"):
                self.collections.append(kept)
            else:
                self.written.append(row)
            answer["successful"][str(number)] = kept
        return answer


@contextmanager
def zotero() -> Iterator[Zotero]:
    """Serve on a free port."""
    state = Zotero()

    class Handler(Silent, BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = parse_qs(parts.query)
            state.asked.append(self.path)
            if self._is_refused():
                return
            found = state.get(parts.path, query)
            start, limit = int(query["start"][0]), int(query["limit"][0])
            piece: Any = found[start : start + limit]
            self._say(200, {"items": piece} if query["format"] == ["csljson"] else piece, len(found))

        def do_POST(self) -> None:
            rows = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if self._is_refused():
                return
            if state.changed_meanwhile:
                state.changed_meanwhile -= 1
                state.version += 1
            if len(rows) > 50:
                self._say(413, {}, 0)
            elif int(self.headers["If-Unmodified-Since-Version"]) != state.version:
                self._say(412, {}, 0)
            else:
                self._say(200, state.post(urlsplit(self.path).path, rows), 0)

        def _is_refused(self) -> bool:
            if self.headers.get("Zotero-API-Key") != KEY or self.headers.get("Zotero-API-Version") != "3":
                self._say(403, {}, 0)
                return True
            if state.busy:
                state.busy -= 1
                self._say(429, {}, 0, {"Retry-After": "0"})
                return True
            return False

        def _say(self, status: int, body: Any, total: int, more: dict[str, str] | None = None) -> None:
            data = json.dumps(body).encode()
            self.send_response(status)
            headers = {"Last-Modified-Version": str(state.version), "Total-Results": str(total), **(more or {})}
            for name, value in {**headers, "Content-Length": str(len(data))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

    with running(Server(("127.0.0.1", 0), Handler)) as state.url:
        yield state
