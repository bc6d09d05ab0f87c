"""What a person wants to know when something looks wrong: sources, runs, indexes, queue, settings."""

from typing import Any

from broadsheet import config
from broadsheet.library.handle import Library
from broadsheet.library.pull import is_due, known_sources

LAST_RUNS = 15


def status(lib: Library, *, check: bool = False) -> dict[str, Any]:
    """Everything as JSON values. `problems` are sentences and empty when all is well; `check` reads the whole store."""
    from broadsheet.codec import time_to_text
    from broadsheet.store import backup, editions, outbox, papers, runs

    with lib.store.reading() as conn:
        latest = runs.latest(conn)
        done = {name: runs.last_good(conn, name) for name in known_sources(lib)}
        recent = runs.recent(conn, LAST_RUNS)
        count, head, newest = papers.count(conn), outbox.head(conn), editions.latest_day(conn)
    indexes: list[dict[str, Any]] = [dict(row) for row in lib.engine.status(head)]
    sources = []
    for name, source in known_sources(lib).items():
        told = _run(latest[name]) if name in latest else {**_NEVER, "source": name}
        last_ok = done[name]
        sources.append(
            {**told, "due": is_due(lib, source, last_ok), "last_ok": time_to_text(last_ok) if last_ok else None}
        )
    others = [_run(run) for name, run in latest.items() if name not in known_sources(lib)]
    return {
        "papers": count,
        "home": str(lib.home),
        "latest": newest.isoformat() if newest else None,
        "sources": sources + [{**run, "due": False, "last_ok": run["ended"]} for run in others],
        "indexes": indexes,
        "queue": {"head": head, "behind": max((i["behind"] for i in indexes), default=0)},
        "runs": [_run(run) for run in recent],
        "settings": _settings(lib),
        "problems": _problems(sources, indexes) + (backup.check(lib.store) if check else []),
    }


_NEVER: dict[str, Any] = {
    "state": "never", "started": None, "ended": None, "seconds": 0.0, "new": 0, "changed": 0, "same": 0, "merged": 0,
    "dropped_total": 0, "drops": {}, "dropped": [], "asked": [], "announced": None, "note": None, "error": None,
}  # fmt: skip


def _run(run: Any) -> dict[str, Any]:
    from broadsheet.codec import time_to_text

    seconds = (run.ended - run.started).total_seconds() if run.ended else 0.0
    return {
        "source": run.source,
        "state": run.state,
        "started": time_to_text(run.started)[:19],
        "ended": time_to_text(run.ended)[:19] if run.ended else None,
        "seconds": seconds,
        **{name: run.counts.get(name, 0) for name in ("new", "changed", "same", "merged")},
        "dropped_total": run.dropped_total,
        "drops": dict(run.dropped),
        "dropped": [{"source": d.source, "at": d.at, "reason": d.reason} for d in run.drops],
        "asked": run.asked.get("requests", []),
        "announced": run.counts.get("announced"),
        "note": run.note,
        "error": run.error,
    }


def _settings(lib: Library) -> dict[str, dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {"home": {"value": str(lib.home), "from": lib.settings.origins["home"]}}
    for row in config.table():
        value: Any = lib.settings
        for name in row.path.split("."):
            value = getattr(value, name)
        shown = "(set)" if row.secret and value else list(value) if isinstance(value, tuple) else value
        rows[row.path] = {"value": shown, "from": lib.settings.origins[row.path]}
    return rows


def _problems(sources: list[dict[str, Any]], indexes: list[dict[str, Any]]) -> list[str]:
    found = [
        f"{s['source']}: {s['error'] or s['note'] or s['state']}"
        for s in sources
        if s["state"] in ("failed", "partial", "interrupted")
    ]
    found += [
        f"index {i['name']}: {i['state']}; `broadsheet reindex` builds it anew"
        for i in indexes
        if i["state"] == "damaged"
    ]
    return found
