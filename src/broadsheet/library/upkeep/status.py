"""What a person wants to know when something looks wrong: sources, runs, indexes, queue, settings."""

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from broadsheet import config
from broadsheet.library.handle import Library
from broadsheet.library.harvest.due import doubts, is_due, known_sources, standing
from broadsheet.library.harvest.polling import POLL_COUNTS
from broadsheet.library.upkeep import problems
from broadsheet.words.said import said

if TYPE_CHECKING:
    from broadsheet.search.integrity import Found
    from broadsheet.store import Connection

LAST_RUNS = 15
LAST_MAILS = 10


def status(lib: Library, *, check: bool = False) -> dict[str, Any]:
    """Everything as JSON values. `problems` are sentences and empty when all is well; `check` reads all files."""
    from broadsheet.codec import time_to_text
    from broadsheet.store import backup, editions, outbox, papers, runs

    lib.refresh()
    writing = _is_writing(lib)
    with lib.store.reading() as conn:
        latest = {name: runs.as_it_stands(run, writing) for name, run in runs.latest(conn).items()}
        stands = {name: standing(conn, name) for name in known_sources(lib)}
        recent = [runs.as_it_stands(run, writing) for run in runs.recent(conn, LAST_RUNS)]
        mail, elsewhere = _mail(lib, conn), _outlets(conn, lib.now())
        count, head, newest = papers.count(conn), outbox.head(conn), editions.latest_day(conn)
    sources = [
        {
            **(_run(latest[name]) if name in latest else {**_NEVER, "source": name}),
            "due": is_due(lib, source, stands[name]),
            "last_ok": time_to_text(ok) if (ok := stands[name].last_ok) else None,
        }
        for name, source in known_sources(lib).items()
    ]
    sources += [{**_run(run), **_NOT_DUE} for name, run in latest.items() if name not in stands]
    of_files = lib.engine.check(whole=check)
    indexes = [_as_found(dict(row), of_files) for row in lib.engine.status(head)]
    return {
        "papers": count,
        "home": str(lib.home),
        "latest": newest.isoformat() if newest else None,
        "sources": sources,
        "indexes": indexes,
        "queue": {"head": head, "behind": max((i["behind"] for i in indexes), default=0)},
        "mail": mail,
        "outlets": elsewhere,
        "runs": [_run(run) for run in recent],
        "settings": _settings(lib),
        "problems": [
            *problems.of_sources(sources),
            *doubts(lib),
            *problems.of_mail(lib, mail),
            *problems.of_digests(lib),
            *problems.of_outlets(elsewhere),
            *problems.of_hub(lib),
            *problems.of_indexes(lib, indexes, count, of_files, writing=bool(writing)),
            *(problems.of_signing_key(lib) if check else ()),
            *(problems.of_services(lib) if check else ()),
            *(backup.check(lib.store) if check else ()),
            *(one.sentence for one in of_files),
            *(lib.stream.check() if check else ()),
        ],
    }


def _is_writing(lib: Library) -> bool | None:
    """Whether someone harvests or imports now; None on a server, where other homes have locks of their own."""
    from broadsheet.store import is_writing

    return is_writing(lib.home) if lib.store.path else None


def _mail(lib: Library, conn: "Connection") -> dict[str, Any]:
    """Who gets digests, and how the mails stand. The status page is open to all: it has no address and no text."""
    from broadsheet.codec import time_to_text
    from broadsheet.library.answers import in_hand_fields
    from broadsheet.library.mails.post import in_hand
    from broadsheet.store import deliveries, mails, returns, tickets

    now, held = lib.now(), in_hand(lib, conn)
    by_state, readers = mails.counts(conn), deliveries.counts(conn)
    return {
        "readers": {**readers, "unconfirmed": readers["unconfirmed"] + tickets.newcomers(conn, now)},
        "queued": by_state.get("queued", 0) + by_state.get("handing", 0),
        "in_hand": in_hand_fields(held),
        "left_behind": held.left,
        "sent": by_state.get("sent", 0),
        "sent_today": mails.sent_since(conn, now.replace(hour=0, minute=0, second=0, microsecond=0)),
        "uncertain": by_state.get("uncertain", 0),
        "failed": by_state.get("failed", 0),
        "returned": _returned(*returns.counts(conn)),
        "trouble": [
            {
                "id": m.id,
                "state": m.state,
                "at": time_to_text(m.ended or m.created)[:19],
                "tries": m.tries,
                "said": said(_ADDRESS.sub("…@…", m.said)),
            }
            for m in mails.in_trouble(conn, LAST_MAILS)
        ],
    }


def _returned(counted: dict[str, int], last: datetime | None) -> dict[str, Any]:
    """What mails that came back said; `dropped`: the messages that were no report about one, by reason."""
    from broadsheet.codec import time_to_text

    fates = {name: counted.pop(name, 0) for name in ("failed", "delayed", "arrived")}
    return {"last": time_to_text(last)[:19] if last else None, **fates, "dropped": counted}


def _outlets(conn: "Connection", now: datetime) -> dict[str, Any]:
    """Where digests go besides the mail, without whose and where."""
    from broadsheet.codec import time_to_text
    from broadsheet.store import outlets

    return {
        **outlets.counts(conn, now.replace(hour=0, minute=0, second=0, microsecond=0)),
        "trouble": [
            {
                "id": d.id,
                "kind": kind,
                "state": d.state,
                "at": time_to_text(d.ended or d.created)[:19],
                "tries": d.tries,
                "said": said(_ADDRESS.sub("…@…", d.said)),
            }
            for d, kind in outlets.in_trouble(conn, LAST_MAILS)
        ],
    }


_ADDRESS = re.compile(r"[^\s<>@]+@[^\s<>@]+")

_NOT_DUE: dict[str, Any] = {"due": False, "last_ok": None}
_NEVER: dict[str, Any] = {
    "state": "never", "started": None, "ended": None, "seconds": 0.0, "new": 0, "changed": 0, "same": 0, "merged": 0,
    "dropped_total": 0, "drops": {}, "dropped": [], "asked": [], "announced": None, "polled": None, "note": None,
    "error": None,
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
        "polled": {name: run.counts[name] for name in POLL_COUNTS} if POLL_COUNTS[0] in run.counts else None,
        "note": run.note,
        "error": run.error,
    }


def _settings(lib: Library) -> dict[str, dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {"home": {"value": str(lib.home), "from": lib.settings.origins["home"]}}
    for row in config.table():
        value = config.value_of(lib.settings, row.path)
        shown = "(set)" if row.secret and value else list(value) if isinstance(value, tuple) else value
        rows[row.path] = {"value": shown, "from": lib.settings.origins[row.path]}
    return rows


def _as_found(row: dict[str, Any], of_files: "list[Found]") -> dict[str, Any]:
    """The row of a complete index with the state that a look at its files found."""
    found = [one for one in of_files if one.index == row["name"]]
    if not found or row["state"] not in ("ok", "behind"):
        return row
    damaged = next((one for one in found if not one.denied), None)
    return {**row, "state": "damaged" if damaged else "unreadable", "cause": (damaged or found[0]).sentence}
