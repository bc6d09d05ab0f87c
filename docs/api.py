"""The API's page and examples: its routes as OpenAPI describes them, and real answers of the sample edition."""

import json
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from broadsheet import config
from broadsheet.library.access.tokens import make_token
from broadsheet.library.answers import filed_answer
from broadsheet.library.handle import Library
from broadsheet.library.harvest import demo
from broadsheet.library.readers import add_reader
from broadsheet.library.shelf import collections, saved
from broadsheet.library.shelf.mark import mark
from broadsheet.store import comments, papers
from broadsheet.types import Comment, Reader
from broadsheet.web.app import create_app

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
HOST = "https://papers.example.org"
LONGEST = 90  # characters of a text in an example

ASKED = {
    "index": "/api/v1",
    "editions": "/api/v1/editions?limit=2",
    "edition": "/api/v1/editions/2026-11-20?limit=1",
    "search": "/api/v1/search?q=sleep&limit=1&facets=true",
    "papers": "/api/v1/papers?ids=demo:0001,demo:9999",
    "related": "/api/v1/papers/demo:0001/related?limit=1",
    "paper": "/api/v1/papers/demo:0001",
    "marks": "/api/v1/marks",
    "comments": "/api/v1/papers/demo:0001/comments",
    "collections": "/api/v1/collections",
    "collection": "/api/v1/collections/1",
    "searches": "/api/v1/searches",
    "saved_search": "/api/v1/searches/1",
    "me": "/api/v1/me",
    "status": "/api/v1/status",
    "error": "/api/v1/papers/demo:9999",
    "hub_daily": "/api/daily_papers?date=2026-11-20&limit=1",
    "hub_search": "/api/papers/search?q=sleep&limit=1",
    "hub_paper": "/api/papers/demo:0001",
    "hub_error": "/api/papers/2511.99999",
}


@cache
def answers() -> dict[str, Any]:
    """What the sample edition answers to each of `ASKED`, cut short."""
    with tempfile.TemporaryDirectory() as home:
        settings = config.load({}, home=Path(home), options={"encoder": "none"})
        with Library(settings, now=lambda: NOW) as lib:
            demo.load(lib)
            ada = add_reader(lib, "ada")
            _comment(lib, ada)
            mark(lib, "ada", "demo:0001", "save")
            filed = collections.make(lib, "ada", "Reading group", "Mondays at ten", ["demo:0001"])
            saved.save(lib, "ada", "Sleep", "sleep")
            token = make_token(lib, ada, "docs", "read", None)
            client = TestClient(create_app(lib), base_url=HOST, headers={"Authorization": f"Bearer {token}"})
            told = {name: short(client.get(path).json()) for name, path in ASKED.items()}
            firsts = {"comment": told["comments"]["comments"][0], "mark": told["marks"]["marks"][0]}
            undone = {"undone": [], "things": ["Reading group"]}
            return {**told, **firsts, "filed": filed_answer(filed), "undone": undone}


def _comment(lib: Library, reader: Reader) -> None:
    """A comment whose id is the same each time."""
    with lib.store.writing() as conn:
        paper_id = papers.ids(conn, ["demo:0001"])["demo:0001"]
        said = Comment(id="5f0c8a1be2d47396", paper_id=paper_id, reader_id=reader.id, at=NOW, text="Is the *code* out?")
        comments.add(conn, said)


def short(value: Any) -> Any:
    """Long texts cut, long lists to their first; numbers that hang on the machine are made round."""
    if isinstance(value, str):
        return value if len(value) <= LONGEST else value[:LONGEST].rsplit(" ", 1)[0] + " …"
    if isinstance(value, list):
        return [short(item) for item in value[: 1 if value and isinstance(value[0], dict) else 3]]
    if isinstance(value, dict):
        return {key: 0 if key in ("size", "bytes") else short(item) for key, item in value.items()}
    return round(value, 2) if isinstance(value, float) else value


def examples() -> str:
    """The file that OpenAPI's examples come from."""
    return json.dumps(answers(), indent=1, ensure_ascii=False) + "\n"


def page() -> str:
    """A heading for each route of each group, with its parameters and an example."""
    with Library(config.load({}, home=Path("nowhere"))) as lib:
        schema = create_app(lib).openapi()
    lines: list[str] = []
    for tag in schema["tags"]:
        lines += [f"## {tag['name']}\n", f"{tag['description']}\n"]
        for path, operations in schema["paths"].items():
            for method, operation in operations.items():
                if tag["name"] in operation.get("tags", ()):
                    lines += _route(method.upper(), path, operation)
    return "\n".join(lines).rstrip() + "\n"


def _route(method: str, path: str, operation: dict[str, Any]) -> Iterator[str]:
    yield f"### `{method} {path}`\n"
    yield operation["description"] + "\n"
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "query":
            yield f"- `{parameter['name']}`: {parameter.get('description', '')}{_default(parameter['schema'])}"
    if any(parameter["in"] == "query" for parameter in operation.get("parameters", ())):
        yield ""
    name = next((name for name, asked in ASKED.items() if method == "GET" and _is_of(path, asked)), None)
    if name:
        example = json.dumps(answers()[name], indent=1, ensure_ascii=False)
        yield f"`GET {ASKED[name]}` answers\n\n```json\n{example}\n```\n"


def _is_of(path: str, asked: str) -> bool:
    asked = asked.partition("?")[0]
    path = path.replace("{ref}", "1")
    for name in ("{name}", "{key}", "{id}"):
        path = path.replace(name, "2026-11-20" if name == "{name}" else "demo:0001")
    return path == asked


def _default(schema: dict[str, Any]) -> str:
    default = schema.get("default")
    return "" if default in (None, "", False) else f" Default: {default}."
