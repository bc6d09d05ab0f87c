"""arXiv's OAI-PMH service: the back-fill of the first run, and what the daily feeds left out.

info.arxiv.org/help/oa: one walk per set, `from` the date of the server's last answer, never `until`. A walk is a chain
of resumption tokens that die with the day; the token of the last stored page is kept, so a walk that was cut short
goes on, or starts again from its own `from` where the token has died.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from broadsheet.config import Settings
from broadsheet.errors import FormatError
from broadsheet.sources import arxiv_calendar as calendar
from broadsheet.sources.address import completed
from broadsheet.sources.contract import Ask, Get
from broadsheet.sources.oai_page import NAME, SUBJECT, Page, parse
from broadsheet.types import Batch
from broadsheet.words.said import said

__all__ = ["GROUP", "NAME", "due", "fetch", "parse", "set_of", "sets_of"]

GROUP = "arxiv"
OWN_GROUPS = frozenset({"cs", "econ", "eess", "math", "q-bio", "q-fin", "stat"})  # every other archive is physics
Cursor = dict[str, str]


def due(last_ok: datetime | None, now: datetime, _settings: Settings) -> bool:
    """When nothing was asked since the last announcement, so at most once a day."""
    return last_ok is None or last_ok < calendar.last_announcement(now)


def set_of(category: str) -> str:
    """The OAI set of a category or archive: `cs.CL` -> `cs:cs:CL`, `hep-th` -> `physics:hep-th`, `cs` -> `cs`."""
    archive, dot, subject = category.strip().partition(".")
    archive = archive.lower()
    group = archive if archive in OWN_GROUPS else "physics"
    if dot:
        return f"{group}:{archive}:{subject.upper() if len(subject) == 2 else subject.lower()}"
    return archive if archive in OWN_GROUPS else f"{group}:{archive}"


def sets_of(categories: Sequence[str]) -> list[str]:
    """The sets to walk, each once; a set inside another is left out."""
    sets = dict.fromkeys(map(set_of, categories))
    return [s for s in sets if not any(s.startswith(f"{wider}:") for wider in sets)]


@dataclass(frozen=True, slots=True)
class _Walk:
    """Where the walk over one set starts, and its keys in the cursor."""

    spec: str
    since: date
    token: str | None = None

    @staticmethod
    def key(spec: str, what: str) -> str:
        return f"{spec} {what}"


def fetch(get: Get, ask: Ask) -> Iterator[Batch]:
    """One walk per set of the categories; the cursor goes with every page."""
    url = completed(ask.settings.arxiv.oai_url, ("/oai", "/oai2", "/oai2/request"))
    cursor: Cursor = dict(ask.cursor)
    today: date | None = None
    for spec in sorted(sets_of(ask.categories or ask.settings.arxiv.categories), key=lambda s: _urgency(s, cursor)):
        since = _start(spec, cursor, ask)
        if since is None:
            today = today or _server_day(get, url, ask)
            since = today - timedelta(days=ask.settings.arxiv.backfill_days)
        yield from _pages(get, ask, url, _resumed(spec, cursor, since), cursor)


def _urgency(spec: str, cursor: Mapping[str, str]) -> str:
    """Walks under way first, then sets never walked, then by age: harvests that die early still come round."""
    return "" if cursor.get(_Walk.key(spec, "token")) else cursor.get(_Walk.key(spec, "done"), "0")


def _start(spec: str, cursor: Cursor, ask: Ask) -> date | None:
    """The day from which a set is asked; None on its first run, which starts at the server's date."""
    days = [cursor.get(_Walk.key(spec, what)) for what in ("done", "from")]
    known = [date.fromisoformat(day) for day in days if day]
    if ask.since:
        return min([ask.since, *known])  # never past a gap that an earlier run left
    return min(known, default=None)


def _resumed(spec: str, cursor: Cursor, since: date) -> _Walk:
    token, begun = cursor.get(_Walk.key(spec, "token")), cursor.get(_Walk.key(spec, "from"))
    if token and begun and date.fromisoformat(begun) <= since:
        return _Walk(spec, date.fromisoformat(begun), token)
    return _Walk(spec, since)


def _server_day(get: Get, url: str, ask: Ask) -> date:
    page = parse(get(url, host=GROUP, params={"verb": "Identify"}).body, now=ask.now)
    return page.day or ask.now.date()


def _pages(get: Get, ask: Ask, url: str, walk: _Walk, cursor: Cursor) -> Iterator[Batch]:
    token, may_restart = walk.token, True
    begun = cursor.get(_Walk.key(walk.spec, "begun")) if token else None
    while True:
        page = parse(get(url, host=GROUP, params=_params(walk, token), accept="text/xml").body, now=ask.now)
        code = page.error[0] if page.error else ""
        if code == "badResumptionToken" and may_restart:
            token, begun, may_restart = None, None, False
            continue
        if page.error and code != "noRecordsMatch":
            raise _refusal(walk, page.error)
        _check(walk, page, token)
        begun = begun or f"{page.day or ask.now.date()}"
        token = page.token
        _note(cursor, walk, begun, token)
        yield _batch(page, walk, cursor)
        if not token:
            return


def _check(walk: _Walk, page: Page, token: str | None) -> None:
    if page.token and page.token == token:
        raise FormatError(SUBJECT, said("the walk over %(set)s turns in a circle", set=walk.spec), "try again later")
    if not (page.count or page.token or page.error):
        raise FormatError(SUBJECT, said("answered no list for %(set)s", set=walk.spec), "try again later")


def _params(walk: _Walk, token: str | None) -> dict[str, str]:
    if token:
        return {"verb": "ListRecords", "resumptionToken": token}
    return {"verb": "ListRecords", "metadataPrefix": "arXiv", "from": f"{walk.since}", "set": walk.spec}


def _refusal(walk: _Walk, error: tuple[str, str]) -> FormatError:
    code, told = error
    cause = said("refuses the walk over %(set)s (%(told)s)", set=walk.spec, told=f"{code}{': ' if told else ''}{told}")
    passing = code == "badResumptionToken"
    return FormatError(
        SUBJECT, cause, said("try again later") if passing else said("check the categories"), permanent=not passing
    )


def _note(cursor: Cursor, walk: _Walk, begun: str, token: str | None) -> None:
    """Keep how far the walk came; at its end, the date of its first answer is where the next one starts."""
    if token:
        values = {"from": f"{walk.since}", "begun": begun, "token": token}
    else:
        values = {"from": "", "begun": "", "token": "", "done": begun}
    named = {_Walk.key(walk.spec, what): value for what, value in values.items()}
    cursor.update({key: value for key, value in named.items() if value or key in cursor})


def _batch(page: Page, walk: _Walk, cursor: Cursor) -> Batch:
    if not page.count:
        note = said("nothing new in %(set)s since %(day)s", set=walk.spec, day=f"{walk.since}")
        return Batch(cursor=dict(cursor), announced=0, note=note, state="empty")
    return Batch(page.records, page.drops, dict(cursor), page.count)
