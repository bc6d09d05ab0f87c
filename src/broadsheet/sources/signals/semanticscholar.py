"""Citations as Semantic Scholar counts them: `POST /graph/v1/paper/batch`, up to 500 papers a request.

A key is optional. Without one all the world shares one pool, so 429 is common; the client backs off. A new paper may be
missing there for days. Where it knows none of a batch the service answers 400, not a list of nulls.
"""

from collections.abc import Iterator
from datetime import timedelta
from itertools import count as count_up
from itertools import islice
from typing import Final

from broadsheet.config import Settings
from broadsheet.errors import FetchError, FormatError
from broadsheet.sources.address import completed
from broadsheet.sources.schedule import Schedule
from broadsheet.sources.signals.answers import count, parsed
from broadsheet.sources.signals.contract import Look, Looks, Poll, Subject, Web
from broadsheet.words.said import said

NAME: Final = "semanticscholar"
KIND: Final = "citations"
SUBJECT: Final = "Semantic Scholar"
BATCH: Final = 500
NONE_KNOWN: Final = "No valid paper ids given"

_PREFIXES: Final = {
    "arxiv": "ARXIV:", "doi": "DOI:", "acl": "ACL:", "corpusid": "CorpusId:", "s2": "", "pubmed": "PMID:",
}  # fmt: skip
"""How it writes our ids, the surest first."""


def enabled(settings: Settings) -> bool:
    """Whether the settings switch it on."""
    return settings.semanticscholar.enabled


def schedule(settings: Settings) -> Schedule:
    """Not in a paper's first days: it is hardly known there, and nobody can have cited it."""
    own = settings.semanticscholar
    every = timedelta(days=own.every_days)
    return Schedule(every, every, timedelta(days=own.drop_days))


def fetch(web: Web, poll: Poll) -> Iterator[Looks]:
    """Batch by batch, as many as the budget has."""
    budget = poll.settings.semanticscholar.budget
    papers = iter(poll.subjects)
    for number in count_up():
        batch = list(islice(papers, BATCH))
        if not batch:
            return
        if number >= budget:
            yield Looks(
                note=said("%(setting)s allows %(n)s requests a run", setting="semanticscholar.budget", n=budget)
            )
            return
        named = [(subject, id) for subject in batch if (id := their_id(subject))]
        asked = {subject.id for subject, _ in named}
        looks = _ask(web, poll.settings, named) if named else ()
        without = (Look(s.id, "skipped", reason=said("no id that it takes")) for s in batch if s.id not in asked)
        yield Looks((*looks, *without))


def their_id(subject: Subject) -> str | None:
    """The paper's id in Semantic Scholar's spelling."""
    own = dict(reversed([alias.split(":", 1) for alias in subject.aliases]))
    return next((f"{prefix}{own[scheme]}" for scheme, prefix in _PREFIXES.items() if scheme in own), None)


def _ask(web: Web, settings: Settings, named: list[tuple[Subject, str]]) -> tuple[Look, ...]:
    own = settings.semanticscholar
    try:
        answer = web.post(
            completed(own.url, ("/graph/v1",)) + "/paper/batch",
            host=NAME,
            json={"ids": [id for _, id in named]},
            params={"fields": "citationCount"},
            private={"x-api-key": own.key} if own.key else {},
        )
    except FetchError as e:
        if e.status != 400 or NONE_KNOWN not in e.told:
            raise
        found: object = [None] * len(named)
    else:
        found = parsed(answer.body, SUBJECT)
    if not isinstance(found, list) or len(found) != len(named):
        raise FormatError(SUBJECT, said("answered no list of %(n)s papers", n=len(named)), "try again later")
    return tuple(_look(subject, item) for (subject, _), item in zip(named, found, strict=True))


def _look(subject: Subject, item: object) -> Look:
    cited = count(item, "citationCount")
    if cited is not None:
        return Look(subject.id, "counted", {KIND: cited})
    return Look(subject.id, "unknown", reason=said("not there yet") if item is None else said("without a count"))
