"""What feeds cost: one that has to be made, one that is remembered, and a hundred questions whether there is news."""

import asyncio
import time
from collections.abc import Callable
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

from bench import corpus
from bench.isolate import isolated
from bench.report import Table, ms, percentile, ratio

ROWS, ROWS_QUICK = 20_000, 2_000
ROUNDS, TIMES = 15, 20
ASKED = 100
YEAR = date(2025, 1, 1), date(2025, 12, 31)  # of the listings

Headers = list[tuple[bytes, bytes]]


def costs(home: str, rows: int) -> dict[str, Any]:
    """Seconds of CPU of an answer, by kind and round; how many papers the edition has, and the bytes of its feed."""
    from fastapi import FastAPI, Response

    from broadsheet import config
    from broadsheet.library.handle import Library
    from broadsheet.store import editions
    from broadsheet.web.app import create_app

    bare = FastAPI(openapi_url=None)
    bare.get("/")(lambda: Response(status_code=304))
    with Library(config.load({}, home=filled(Path(home), rows), options={"encoder": "none"})) as lib:
        with lib.store.reading() as conn:
            day = max(editions.days(conn, *YEAR), key=lambda one: one.papers)
        app, path, fresh = create_app(lib), f"/{day.day}.atom", count()
        packed: Headers = [(b"accept-encoding", b"gzip")]
        with asyncio.Runner() as runner:
            headers, body = runner.run(_ask(app, path, packed))
            still: Headers = [*packed, (b"if-none-match", headers[b"etag"])]
            kinds: dict[str, Callable[[], Any]] = {
                "bare FastAPI, a 304 of nothing": lambda: _ask(bare, "/", []),
                "is there news? 304": lambda: _ask(app, path, still),
                "the feed, remembered": lambda: _ask(app, path, packed),
                "the feed, to be made": lambda: _ask(app, f"{path}?again={next(fresh)}", packed),
            }
            seconds = {name: [_cpu(runner, ask) for _ in range(ROUNDS)] for name, ask in kinds.items()}
    return {"papers": day.papers, "bytes": len(body), "seconds": seconds}


def filled(home: Path, rows: int) -> Path:
    """A library of the first listings of the year, words only, built if it is not there."""
    from broadsheet import config
    from broadsheet.library.handle import Library
    from broadsheet.library.harvest.import_ import import_files

    if not (home / "complete").exists():
        import orjson

        home.mkdir(parents=True, exist_ok=True)
        file = home / "listing.jsonl"
        file.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in corpus.listing_rows(rows)))
        with Library(config.load({}, home=home, options={"encoder": "none"})) as lib:
            import_files(lib, [str(file)])
        (home / "complete").touch()
    return home


def _cpu(runner: asyncio.Runner, ask: Callable[[], Any]) -> float:
    """Seconds of CPU of one answer, over all threads, from some in a row."""

    async def some() -> float:
        began = time.process_time()
        for _ in range(TIMES):
            await ask()
        return (time.process_time() - began) / TIMES

    return runner.run(some())


async def _ask(app: Any, path: str, headers: Headers) -> tuple[dict[bytes, bytes], bytes]:
    """Headers and body of what an application answers, without a server."""
    got: list[dict[str, Any]] = []
    path, _, query = path.partition("?")
    scope = {"type": "http", "method": "GET", "path": path, "query_string": query.encode(), "headers": headers}
    scope |= {"http_version": "1.1", "scheme": "http", "server": ("127.0.0.1", 80), "client": ("127.0.0.1", 1)}

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        got.append(message)

    await app(scope, receive, send)
    return dict(got[0]["headers"]), b"".join(message.get("body", b"") for message in got[1:])


def run(*, quick: bool) -> Table:
    """Answers of the application, without the network."""
    rows = ROWS_QUICK if quick else ROWS
    done = isolated("bench.feeds", "costs", home=str(corpus.SCRATCH / f"feeds-{rows}"), rows=rows).value
    medians = {name: percentile(values, 0.5) for name, values in done["seconds"].items()}
    full = medians["the feed, to be made"]
    table = tuple((name, ms(value), ms(value * ASKED), ratio(value * ASKED, full)) for name, value in medians.items())
    note = (
        f"An edition of {done['papers']:,} papers of {rows:,} listings, its first 100 as Atom, packed to "
        f"{done['bytes'] / 1e3:.0f} kB; CPU of all threads, medians of {ROUNDS} rounds of {TIMES}."
    )
    return Table("Feeds", ("answer", "CPU ms", f"{ASKED} times", "of one that is made"), table, note)
