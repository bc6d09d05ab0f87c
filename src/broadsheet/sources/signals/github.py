"""GitHub stars of the repository that a paper names as its code.

One request for each repository (`GET /repos/{owner}/{name}`), conditional on what was seen the last time: an answer 304
costs nothing of the limit where a token is set. Without one GitHub allows 60 requests an hour to an address, which
others on the same machine may need too; so no more than half of what it allows is taken (`X-RateLimit-*` say how much).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from broadsheet.config import Settings
from broadsheet.errors import FetchError, FormatError, SourceError
from broadsheet.sources.schedule import Schedule
from broadsheet.sources.signals.answers import count, parsed
from broadsheet.sources.signals.contract import Look, Looks, Poll, Reply, Subject, Web
from broadsheet.types import Link
from broadsheet.words.said import said

NAME: Final = "github"
KIND: Final = "github_stars"
SUBJECT: Final = "GitHub"
LEFT_TO_OTHERS: Final = 0.5

GONE: Final = frozenset({404, 410, 451})
"""Not there, no longer there, taken down by law. Many repositories are announced before they are public."""

_REPOSITORY = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]{0,38})/([\w.-]{1,100}?)(?:\.git)?(?:$|[/#?])", re.ASCII)
_PAGES = frozenset({"apps", "collections", "features", "marketplace", "orgs", "search", "sponsors", "topics", "users"})
"""What stands where an owner would."""


@dataclass(frozen=True, slots=True)
class Stars:
    """What is known of a repository; `name` is what it is called now, `stars` None where it is not there."""

    name: str
    stars: int | None
    etag: str = ""
    reason: str = ""


def enabled(settings: Settings) -> bool:
    """Whether the settings switch it on."""
    return settings.github.enabled


def schedule(settings: Settings) -> Schedule:
    """From the day that a paper is news."""
    own = settings.github
    return Schedule(timedelta(0), timedelta(days=own.every_days), timedelta(days=own.drop_days))


def fetch(web: Web, poll: Poll) -> Iterator[Looks]:
    """Repository by repository; several papers of one cost one request. Two faults in a row end the poll."""
    asking = _Asking(web, poll.settings)
    skipped: list[Look] = []
    for subject in poll.subjects:
        link = repository(subject.links)
        if link is None:
            skipped.append(Look(subject.id, "skipped", reason=said("no code on GitHub")))
        elif asking.may_ask(link):
            yield Looks((*skipped, *asking.looks(subject, link)))
            skipped = []
        else:
            yield Looks(note=asking.spent)
            break
    yield Looks((*skipped, *asking.doubtful()))


def repository(links: Iterable[Link]) -> str | None:
    """`owner/name` of the first link of code that leads to a repository on GitHub."""
    for link in links:
        parts = urlsplit(link.url) if link.kind == "code" else None
        if parts and (parts.hostname or "").removeprefix("www.") == "github.com":
            found = _REPOSITORY.match(parts.path.lstrip("/"))
            if found and found[1].lower() not in _PAGES and found[2] not in (".", ".."):
                return f"{found[1]}/{found[2]}"
    return None


class _Asking:
    """The requests of one poll, and what they brought; `spent` says why there may be no more."""

    def __init__(self, web: Web, settings: Settings) -> None:
        self._web, self._own = web, settings.github
        self._asked = 0
        self._known: dict[str, Stars] = {}
        self._fault: tuple[Look, SourceError] | None = None
        self.spent: str | None = None

    def may_ask(self, link: str) -> bool:
        """Whether a paper of this repository costs nothing, or there is something left to spend."""
        return self.spent is None or link.lower() in self._known

    def looks(self, subject: Subject, link: str) -> tuple[Look, ...]:
        """What is found of a paper, and of the one before whose repository alone seems to be at fault, as this one
        answers. None yet where this one is at fault. Raises SourceError where that is the second in a row."""
        if link.lower() not in self._known:
            try:
                self._known[link.lower()] = self._stars(link, subject.memory)
            except SourceError as e:
                if self._fault or _is_hopeless(e):
                    raise
                self._fault = (Look(subject.id, "unknown", memory=subject.memory, reason=e.cause), e)
                return ()
        return (*self.doubtful(), _look(subject, link, self._known[link.lower()]))

    def doubtful(self) -> tuple[Look, ...]:
        """The paper whose repository was at fault. Raises its error where no other repository has answered."""
        fault, self._fault = self._fault, None
        if fault and not self._known:
            raise fault[1]
        return (fault[0],) if fault else ()

    def _stars(self, link: str, memory: Mapping[str, str]) -> Stars:
        last = _remembered(link, memory)
        private = {"Authorization": f"Bearer {self._own.token}"} if self._own.token else {}
        self._asked += 1
        if self._asked >= self._own.budget:
            self.spent = said("%(setting)s allows %(n)s requests a run", setting="github.budget", n=self._own.budget)
        url = f"{self._own.url.rstrip('/')}/repos/{last.name}"
        accept = "application/vnd.github+json"
        try:
            answer = self._web.get(url, host=NAME, etag=last.etag or None, accept=accept, private=private)
        except FetchError as e:
            self._heed(e.headers)
            if e.status not in GONE:
                raise
            return Stars(link, None, reason=said("no such repository"))
        self._heed(answer.headers)
        return last if answer.status == 304 else _read(answer)

    def _heed(self, headers: Mapping[str, str]) -> None:
        left, limit = (_number(headers.get(f"x-ratelimit-{name}", "")) for name in ("remaining", "limit"))
        if left is not None and limit is not None and left <= limit * LEFT_TO_OTHERS:
            self.spent = said("GitHub allows %(n)s requests an hour, and half of them are left to others", n=limit)


def _read(answer: Reply) -> Stars:
    found = parsed(answer.body, SUBJECT)
    stars = count(found, "stargazers_count")
    name = found.get("full_name") if isinstance(found, dict) else None
    if stars is None or not isinstance(name, str) or not _REPOSITORY.fullmatch(name):
        raise FormatError(SUBJECT, "answered what is no repository", "try again later")
    return Stars(name, stars, answer.etag or "")


def _look(subject: Subject, link: str, found: Stars) -> Look:
    if found.stars is None:
        return Look(subject.id, "unknown", reason=found.reason)
    memory = {"link": link, "name": found.name, "etag": found.etag, "stars": f"{found.stars}"}
    return Look(subject.id, "counted", {KIND: found.stars}, memory)


def _remembered(link: str, memory: Mapping[str, str]) -> Stars:
    """The repository as it was the last time; only its name where the paper names another one by now."""
    stars = _number(memory.get("stars", ""))
    if memory.get("link") != link or stars is None:
        return Stars(link, None)
    return Stars(memory.get("name", link), stars, memory.get("etag", ""))


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _is_hopeless(error: SourceError) -> bool:
    """Whether the next repository would fare the same: GitHub asks for a pause, or the token is wrong."""
    return isinstance(error, FetchError) and (error.until is not None or error.status == 401)
