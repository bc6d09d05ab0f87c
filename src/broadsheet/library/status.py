"""What a person wants to know when something looks wrong: sources, runs, indexes, queue, settings."""

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from broadsheet import config
from broadsheet.errors import BroadsheetError
from broadsheet.library.handle import Library
from broadsheet.library.harvest.due import doubts, is_due, known_sources, standing
from broadsheet.library.harvest.polling import POLL_COUNTS
from broadsheet.words.said import said

if TYPE_CHECKING:
    from broadsheet.search.integrity import Found
    from broadsheet.store import Connection

LAST_RUNS = 15
LAST_MAILS = 10
LATE = timedelta(minutes=15)
"""A server makes a digest within seconds; timers, as the guide for operators has them, every five."""


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
    sources = []
    for name, source in known_sources(lib).items():
        told = _run(latest[name]) if name in latest else {**_NEVER, "source": name}
        last_ok = stands[name].last_ok
        sources.append(
            {
                **told,
                "due": is_due(lib, source, stands[name]),
                "last_ok": time_to_text(last_ok) if last_ok else None,
            }
        )
    of_files = lib.engine.check(whole=check)
    indexes = [_as_found(dict(row), of_files) for row in lib.engine.status(head)]
    others = [{**_run(run), **_NOT_DUE} for name, run in latest.items() if name not in known_sources(lib)]
    return {
        "papers": count,
        "home": str(lib.home),
        "latest": newest.isoformat() if newest else None,
        "sources": sources + others,
        "indexes": indexes,
        "queue": {"head": head, "behind": max((i["behind"] for i in indexes), default=0)},
        "mail": mail,
        "outlets": elsewhere,
        "runs": [_run(run) for run in recent],
        "settings": _settings(lib),
        "problems": _problems(sources + others)
        + doubts(lib)
        + _mail_problems(lib, mail)
        + _late_digests(lib)
        + _outlet_problems(elsewhere)
        + _hub_problems(lib)
        + _index_problems(lib, indexes, count, of_files, writing=bool(writing))
        + (_key_problems(lib) if check else [])
        + (backup.check(lib.store) if check else [])
        + [one.sentence for one in of_files]
        + (lib.stream.check() if check else []),
    }


def _is_writing(lib: Library) -> bool | None:
    """Whether someone harvests or imports now; None on a server, where other homes have locks of their own."""
    from broadsheet.store import is_writing

    return is_writing(lib.home) if lib.store.path else None


def _mail(lib: Library, conn: "Connection") -> dict[str, Any]:
    """Who gets digests, and how the mails stand. The status page is open to all: it has no address and no text."""
    from broadsheet.codec import time_to_text
    from broadsheet.library.answers import in_hand_fields
    from broadsheet.library.post import in_hand
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


def _hub_problems(lib: Library) -> list[str]:
    from broadsheet.library.websub import trouble

    said = trouble(lib) if lib.settings.feeds.hub else None
    return [said] if said else []


def _outlet_problems(elsewhere: dict[str, Any]) -> list[str]:
    many = elsewhere["suspended"]
    told = said("outlets: %(many)s suspended, as they refuse; `broadsheet outlet list` says whose", many=many)
    return [told] if many else []


def _mail_problems(lib: Library, mail: dict[str, Any]) -> list[str]:
    from broadsheet.library.post import is_set_up

    found, readers = list[str](), mail["readers"]
    if (readers["on"] or readers["unconfirmed"] or mail["queued"]) and not is_set_up(lib):
        found.append(said("mail: digests are on, and there is no mail server to send by; set smtp.url and smtp.sender"))
    if readers["suspended"]:
        many = readers["suspended"]
        found.append(
            said("mail: %(many)s suspended, as their address refuses; `broadsheet digest list` says whose", many=many)
        )
    if mail["left_behind"]:
        told = said(
            "mail: the process that had %(many)s of the mails in hand has ended; `broadsheet digest send` goes on",
            many=mail["left_behind"],
        )
        found.append(told)
    if mail["uncertain"]:
        found.append(said("mail: of %(many)s nobody can tell whether the server took it", many=mail["uncertain"]))
    return found


def _key_problems(lib: Library) -> list[str]:
    """A key that signs no mails. Commands of somebody who may not read it run all the same."""
    from broadsheet.library.post import signing_key

    try:
        signing_key(lib)
    except BroadsheetError as e:
        return [str(e)]
    return []


def _late_digests(lib: Library) -> list[str]:
    """Digests that should have been made long ago."""
    from broadsheet.library.digests.deliver import waiting
    from broadsheet.library.post import is_set_up

    late = [one for one in waiting(lib) if lib.now() - one.due.at > LATE] if is_set_up(lib) else []
    if not late:
        return []
    since = f"{min(one.due.at for one in late):%Y-%m-%d %H:%M} UTC"
    return [
        said(
            "digests: %(many)s due since %(since)s, and not made; `broadsheet digest send` makes them, or says why not",
            many=len(late),
            since=since,
        )
    ]


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


def _problems(sources: list[dict[str, Any]]) -> list[str]:
    return [
        said("%(subject)s: interrupted: %(cause)s", subject=s["source"], cause=s["error"] or s["note"])
        if s["state"] == "interrupted"
        else said("%(subject)s: %(cause)s", subject=s["source"], cause=s["error"] or s["note"] or s["state"])
        for s in sources
        if s["state"] == "interrupted" or (s["state"] in ("failed", "partial") and s["source"] != "import")
    ]


def _as_found(row: dict[str, Any], of_files: "list[Found]") -> dict[str, Any]:
    """The row of a complete index with the state that a look at its files found."""
    found = [one for one in of_files if one.index == row["name"]]
    if not found or row["state"] not in ("ok", "behind"):
        return row
    damaged = next((one for one in found if not one.denied), None)
    return {**row, "state": "damaged" if damaged else "unreadable", "cause": (damaged or found[0]).sentence}


def _index_problems(
    lib: Library, indexes: list[dict[str, Any]], papers: int, of_files: "list[Found]", *, writing: bool
) -> list[str]:
    """Damaged indexes, and unreadable ones, unless a look at their files told more of them; those that are behind,
    unless someone is at it: each pull ends level.
    """
    found, told = list[str](), {one.index for one in of_files}
    if papers and not writing and not any(i["name"] == "words" for i in indexes):
        found.append(said("index words: missing; `broadsheet reindex` builds it"))
    for i in indexes:
        if i["state"] in ("damaged", "unreadable") and i["name"] in told:
            continue
        unused = i["name"].startswith("meaning") and lib.settings.encoder == "none"
        if i["state"] == "damaged":
            found.append(said("index %(name)s: damaged; `broadsheet reindex` builds it anew", name=i["name"]))
        elif i["state"] == "unreadable":
            found.append(
                said("index %(name)s: not readable; let the user that runs Broadsheet read its files", name=i["name"])
            )
        elif i["behind"] and not writing and not unused:
            name, many = i["name"], i["behind"]
            found.append(
                said("index %(name)s: %(many)s changes behind; `broadsheet pull` brings it up", name=name, many=many)
            )
    return found
