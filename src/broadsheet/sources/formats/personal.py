"""What is a reader's in Broadsheet's own export: all of it in lines after the papers.

{"reader": {"name", …}, "interests": [{"name", "share", "profile", …}, …],
 "preferences": {"theme", …}, "delivery": {"on", "email", "cadence", …}, "digests": [{"edition", "content", …}, …],
 "outlets": [{"name", "url", …}, …],
 "marks": [[key, part, interest, kind, at, ended, text], …],
 "passkeys": [{"name", "host", "created", "used"}, …], "logins": [{"issuer", "subject", "label", "created", "used"}, …],
 "shown": [[key, part, interest, list, channel, at, rank, score, explored, why], …],
 "collections": [{"name", "note", "saved", "created"}, …], "collected": [[name, key, part, added, at, place], …],
 "searches": [{"name", "query", "mode", "muted", "looked", "created"}, …],
 "comments": [[key, part, id, parent, at, edited, hidden, text], …], "visit": [before, latest]}

Who may see a collection, and the secrets in addresses, stay where they are. What signs a reader in is only told of and
never read back: a file lets nobody in.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from typing import Any, Literal, get_args

import orjson
from msgspec.structs import asdict

from broadsheet.codec import profile_from_dict, profile_to_dict, time_to_text
from broadsheet.errors import BroadsheetError
from broadsheet.sources.formats.fields import BadRecord
from broadsheet.types import (
    About,
    Cadence,
    Collected,
    Collection,
    Comment,
    Delivery,
    Digest,
    Interest,
    Login,
    Mark,
    MarkKind,
    Outlet,
    Passkey,
    Personal,
    Preferences,
    Reader,
    Role,
    SavedSearch,
    SearchMode,
    Shown,
    Sort,
    Theme,
    View,
    Visit,
)
from broadsheet.words.said import said

Json = dict[str, Any]


def dump(personal: Personal) -> bytes:
    """The line."""
    r = personal.reader
    reader = {"name": r.name, "display": r.display, "email": r.email, "zone": r.zone, "role": r.role}
    doc: Json = {"reader": {**reader, "created": time_to_text(r.created)}}
    if personal.interests:
        doc["interests"] = [_interest_out(i) for i in personal.interests]
    if personal.preferences:
        doc["preferences"] = asdict(personal.preferences)
    if personal.visit:
        before, latest = personal.visit.before, personal.visit.latest
        doc["visit"] = [time_to_text(before) if before else None, time_to_text(latest)]
    if personal.delivery:
        doc["delivery"] = _delivery_out(personal.delivery)
    if personal.outlets:
        doc["outlets"] = [_outlet_out(o) for o in personal.outlets]
    if personal.passkeys:
        doc["passkeys"] = [{"name": p.name, "host": p.host, **_times(p)} for p in personal.passkeys]
    if personal.logins:
        doc["logins"] = [{**_login_out(login), **_times(login)} for login in personal.logins]
    if personal.digests:
        doc["digests"] = [_digest_out(d) for d in personal.digests]
    if personal.marks:
        doc["marks"] = [
            [*_about(a), m.kind, time_to_text(m.at), time_to_text(m.ended) if m.ended else None, m.text]
            for a, m in personal.marks
        ]
    if personal.shown:
        doc["shown"] = [
            [*_about(a), s.list, s.channel, time_to_text(s.at), s.rank, s.score, s.explored, s.why]
            for a, s in personal.shown
        ]
    if personal.collections:
        doc["collections"] = [_collection_out(c) for c in personal.collections]
    if personal.collected:
        doc["collected"] = [
            [name, a.key, a.part, time_to_text(m.added), time_to_text(m.at), m.place]
            for name, a, m in personal.collected
        ]
    if personal.searches:
        doc["searches"] = [_search_out(s) for s in personal.searches]
    if personal.comments:
        doc["comments"] = [[*_about(a)[:2], *_comment_out(c)] for a, c in personal.comments]
    return orjson.dumps(doc) + b"\n"


def load(doc: Json) -> Personal:
    """What `dump` wrote. Raises BadRecord for what is none."""
    try:
        return Personal(
            _reader(doc["reader"]),
            tuple(map(_interest_in, doc.get("interests", []))),
            tuple((_about_in(row), _mark(row[3:])) for row in doc.get("marks", [])),
            tuple((_about_in(row), _shown(row[3:])) for row in doc.get("shown", [])),
            _maybe(_preferences, doc.get("preferences")),
            _maybe(_delivery, doc.get("delivery")),
            tuple(map(_digest, doc.get("digests", []))),
            tuple(map(_collection_in, doc.get("collections", []))),
            tuple(map(_collected_in, doc.get("collected", []))),
            tuple(map(_search_in, doc.get("searches", []))),
            tuple((About(_text(row[0]), _text(row[1])), _comment(*row[2:])) for row in doc.get("comments", [])),
            tuple(map(_outlet, doc.get("outlets", []))),
            visit=_maybe(_visit, doc.get("visit")),
        )
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, BroadsheetError) as e:
        raise BadRecord(said("its reader is not what an export holds (%(why)s)", why=str(e))) from None


def _about(about: About) -> tuple[str, str, str | None]:
    return about.key, about.part, about.interest


def _about_in(row: Sequence[Any]) -> About:
    return About(_text(row[0]), _text(row[1]), _maybe(_text, row[2]))


def _reader(doc: Json) -> Reader:
    email = _maybe(_text, doc["email"])
    role = _one_of(get_args(Role), doc["role"])
    return Reader(0, _text(doc["name"]), _text(doc["display"]), email, _text(doc["zone"]), role, _time(doc["created"]))


def _interest_out(i: Interest) -> Json:
    return {
        "name": i.name,
        "position": i.position,
        "share": i.share,
        "profile": profile_to_dict(i.profile),
        "created": time_to_text(i.created),
        "edited": time_to_text(i.edited),
    }


def _interest_in(doc: Json) -> Interest:
    profile = profile_from_dict(doc["profile"])
    place, share = int(doc["position"]), float(doc["share"])
    return Interest(0, 0, _text(doc["name"]), place, share, profile, _time(doc["created"]), _time(doc["edited"]))


def _preferences(doc: Json) -> Preferences:
    theme, view = _one_of(get_args(Theme), doc["theme"]), _one_of(get_args(View), doc["view"])
    saves, mentions = bool(doc.get("saves")), bool(doc.get("mentions"))
    sort = _one_of(get_args(Sort), doc.get("sort", "trending"))
    return Preferences(theme, view, bool(doc["keys"]), _text(doc["language"])[:16], saves, mentions, sort)


def _visit(row: Sequence[Any]) -> Visit:
    before, latest = row
    return Visit(_maybe(_time, before), _time(latest))


def _delivery_out(d: Delivery) -> Json:
    """Without what became of the last mails, which is the instance's."""
    said = {name: getattr(d, name) for name in ("on", "email", "cadence", "weekday", "most", "sections")}
    return {**said, "at": f"{d.at:%H:%M}", "since": time_to_text(d.since)}


def _delivery(doc: Json) -> Delivery:
    """Not confirmed: whether mail may go to an address is asked anew wherever it is taken in."""
    sections = tuple(map(_text, doc["sections"]))
    cadence, at = _one_of(get_args(Cadence), doc["cadence"]), time.fromisoformat(doc["at"])
    weekday, most = int(doc["weekday"]) % 7, int(doc["most"])
    return Delivery(
        0, bool(doc["on"]), _text(doc["email"]), None, cadence, weekday, at, sections, most, _time(doc["since"])
    )


def _outlet_out(o: Outlet) -> Json:
    said = {name: getattr(o, name) for name in ("name", "kind", "url", "secret", "sections")}
    return {**said, "created": time_to_text(o.created)}


def _outlet(doc: Json) -> Outlet:
    """Suspended: what is taken in sends nothing anywhere before somebody has tried it."""
    kind: Literal["webhook", "service"] = "webhook" if doc["kind"] == "webhook" else "service"
    url, secret, created = _text(doc["url"]), _text(doc["secret"]), _time(doc["created"])
    sections = tuple(map(_text, doc["sections"]))
    said = "it was taken in from an export"
    return Outlet(0, 0, _text(doc["name"]), kind, url, secret, sections, created, suspended=created, said=said)


def _login_out(login: Login) -> Json:
    return {name: getattr(login, name) for name in ("issuer", "subject", "label")}


def _times(way: Passkey | Login) -> Json:
    return {"created": time_to_text(way.created), "used": time_to_text(way.used) if way.used else None}


def _digest_out(d: Digest) -> Json:
    said = {name: getattr(d, name) for name in ("edition", "day", "through", "state", "subject", "secret")}
    return {**said, "created": time_to_text(d.created), "content": orjson.loads(d.content)}


def _digest(doc: Json) -> Digest:
    """The hash of the secret comes along, so that the links of mails that were sent go on working."""
    return Digest(
        reader_id=0,
        edition=_text(doc["edition"]),
        day=date.fromisoformat(doc["day"]),
        through=_maybe(date.fromisoformat, doc["through"]),
        created=_time(doc["created"]),
        state=_one_of(("mailed", "empty"), doc["state"]),
        subject=_text(doc["subject"]),
        content=orjson.dumps(doc["content"]).decode(),
        secret=_text(doc["secret"]),
    )


def _collection_out(c: Collection) -> Json:
    return {"name": c.name, "note": c.note, "saved": c.saved, "created": time_to_text(c.created)}


def _collection_in(doc: Json) -> Collection:
    at = _time(doc["created"])
    return Collection(0, 0, _text(doc["name"]), _text(doc["note"]), bool(doc["saved"]), "private", None, at, at)


def _collected_in(row: Sequence[Any]) -> tuple[str, About, Collected]:
    name, key, part, added, at, place = row
    return _text(name), About(_text(key), _text(part)), Collected(0, _time(added), _time(at), float(place))


def _search_out(s: SavedSearch) -> Json:
    times = {"looked": time_to_text(s.looked), "created": time_to_text(s.created)}
    return {"name": s.name, "query": s.query, "mode": s.mode, "muted": s.muted, **times}


def _search_in(doc: Json) -> SavedSearch:
    mode = _one_of(get_args(SearchMode), doc["mode"])
    name, query, muted = _text(doc["name"]), _text(doc["query"]), bool(doc["muted"])
    return SavedSearch(0, 0, name, query, mode, muted, 0, _time(doc["looked"]), None, _time(doc["created"]))


def _mark(row: Sequence[Any]) -> Mark:
    kind = _one_of(get_args(MarkKind), row[0])
    return Mark(0, kind, _time(row[1]), _maybe(_time, row[2]), None, _maybe(_text, row[3]))


def _shown(row: Sequence[Any]) -> Shown:
    name, channel, at, rank, score, explored, why = row
    reasons = tuple(map(_text, why))
    return Shown(0, _text(name), _text(channel)[:16], _time(at), int(rank), float(score), None, bool(explored), reasons)


def _comment_out(c: Comment) -> tuple[Any, ...]:
    times = (time_to_text(at) if at else None for at in (c.edited, c.hidden))
    return c.id, c.parent, time_to_text(c.at), *times, c.text


def _comment(id: Any, parent: Any, at: Any, edited: Any, hidden: Any, text: Any) -> Comment:
    return Comment(
        id=_id(id),
        paper_id=0,
        reader_id=None,
        at=_time(at),
        text=_text(text),
        parent=_maybe(_id, parent),
        edited=_maybe(_time, edited),
        hidden=_maybe(_time, hidden),
    )


def _id(value: Any) -> str:
    if not re.fullmatch(r"[0-9a-f]{16,32}", _text(value)):
        raise ValueError(f"{value!r} is no id of a comment")
    return str(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def _time(value: Any) -> datetime:
    at = datetime.fromisoformat(value)
    if at.tzinfo is None:
        raise ValueError(f"{value} has no zone")
    return at


def _one_of(known: Sequence[str], value: Any) -> Any:
    if value not in known:
        raise ValueError(f"{value!r} is none of {', '.join(known)}")
    return value


def _maybe(read: Callable[[Any], Any], value: Any) -> Any:
    return None if value is None else read(value)
