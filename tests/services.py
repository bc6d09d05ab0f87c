"""A local GitHub, Semantic Scholar and OpenAlex over loopback, each speaking its documented answers, with faults.

One server stands for all three: their paths differ. A fault is what the next request under a path gets instead.
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.loopback import Server, Silent, running

Answer = tuple[int, dict[str, str], bytes]
Fault = Callable[["Services"], Answer]


@dataclass
class Services:
    """What the services know, and what they were asked."""

    url: str = ""
    stars: dict[str, int] = field(default_factory=dict)
    renamed: dict[str, str] = field(default_factory=dict)
    citations: dict[str, int | None] = field(default_factory=dict)
    works: list[dict[str, Any]] = field(default_factory=list)
    limit: int = 60
    left: int = 60
    reset: int = 0
    asked: list[tuple[str, str, dict[str, str], Any]] = field(default_factory=list)
    faults: list[tuple[str, Fault]] = field(default_factory=list)

    def fault(self, path: str, answer: Fault, times: int = 1) -> None:
        """Let the next requests under a path get this."""
        self.faults += [(path, answer)] * times

    def paths(self) -> list[str]:
        """The paths that were asked, in order."""
        return [path for _, path, _, _ in self.asked]

    def environ(self, *enabled: str) -> dict[str, str]:
        """The environment that points a Broadsheet here, without pauses, and switches these services on."""
        found = {}
        for name in ("GITHUB", "SEMANTICSCHOLAR", "OPENALEX"):
            found[f"BROADSHEET_{name}__URL"] = self.url
            found[f"BROADSHEET_{name}__MIN_INTERVAL"] = "0"
            found[f"BROADSHEET_{name}__ENABLED"] = "yes" if name.lower() in enabled else "no"
        return found

    def answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answer:
        """What a request gets."""
        parts = urlsplit(target)
        said: Any = json.loads(body) if body else None
        self.asked.append((method, unquote(target), headers, said))
        for at, (path, fault) in enumerate(self.faults):
            if parts.path.startswith(path):
                del self.faults[at]
                return fault(self)
        if method == "GET" and (found := re.fullmatch(r"/(?:repos/([^/]+/[^/]+)|repositories/(\d+))", parts.path)):
            return self._repository(found[1] or list(self.stars)[int(found[2])], headers)
        if method == "POST" and parts.path == "/graph/v1/paper/batch":
            return self._papers(said["ids"])
        if method == "GET" and parts.path == "/works":
            return self._works(parse_qs(parts.query))
        return says(404, {"message": "Not Found"})(self)

    def _repository(self, name: str, headers: dict[str, str]) -> Answer:
        if name in self.renamed:
            number = list(self.stars).index(self.renamed[name])
            return 301, self._limits() | {"Location": f"{self.url}/repositories/{number}"}, b""
        if name not in self.stars:
            self.left -= 1
            return 404, self._limits(), b'{"message": "Not Found", "status": "404"}'
        etag = f'W/"{self.stars[name]}"'
        if headers.get("if-none-match") == etag:
            return 304, self._limits() | {"ETag": etag}, b""
        self.left -= 1
        full = {"id": 1, "full_name": name, "stargazers_count": self.stars[name], "forks_count": 7}
        return 200, self._limits() | {"ETag": etag}, json.dumps(full).encode()

    def _limits(self) -> dict[str, str]:
        named = {"Limit": self.limit, "Remaining": max(self.left, 0), "Reset": self.reset}
        return {f"X-RateLimit-{name}": str(value) for name, value in named.items()}

    def _papers(self, ids: list[str]) -> Answer:
        known = [i in self.citations for i in ids]
        if not any(known):
            return says(400, {"error": "No valid paper ids given"})(self)
        found = [
            {"paperId": f"{at:040x}", "citationCount": self.citations[i]} if i in self.citations else None
            for at, i in enumerate(ids)
        ]
        return says(200, found)(self)

    def _works(self, query: dict[str, list[str]]) -> Answer:
        wanted = query["filter"][0].removeprefix("doi:").split("|")
        found = [w for w in self.works if w["doi"].removeprefix("https://doi.org/") in wanted]
        return says(200, {"meta": {"count": len(found), "per_page": 100}, "results": found[:100]})(self)


def says(status: int, body: object, **headers: str) -> Fault:
    """An answer with a body: bytes as they are, else as JSON; `_` in names of headers stands for `-`."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return lambda _: (status, {name.replace("_", "-"): value for name, value in headers.items()}, raw)


def breaks_off(_: Services) -> Answer:
    """Half of an answer."""
    return 200, {"Content-Length": "500"}, b'[{"paperId": "00", "cit'


@contextmanager
def serve() -> Iterator[Services]:
    """Run the services on a free port."""
    services = Services()

    class Handler(Silent, BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            sent = {name.lower(): value for name, value in self.headers.items()}
            status, headers, body = services.answer(self.command, self.path, sent, self.rfile.read(length))
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(body))} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = int(headers.get("Content-Length", "0")) > len(body)

        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

    with running(Server(("127.0.0.1", 0), Handler)) as services.url:
        yield services
