"""Citations as OpenAlex counts them: `/works?filter=doi:a|b|…`, arXiv's papers by the DOI that arXiv gives them.

A key is free and optional; without one the day's allowance is small, so a run asks little (`openalex.budget`). A work
may be there twice under one DOI, and preprint and venue version apart: the greatest count is taken, as sums would count
the same citing papers twice.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Final

from broadsheet.config import Settings
from broadsheet.errors import FormatError
from broadsheet.sources.address import completed
from broadsheet.sources.schedule import Schedule
from broadsheet.sources.signals.answers import count, parsed
from broadsheet.sources.signals.contract import Look, Looks, Poll, Subject, Web
from broadsheet.text import canonical_id
from broadsheet.words.said import said

NAME: Final = "openalex"
KIND: Final = "citations"
SUBJECT: Final = "OpenAlex"
PAGE: Final = 100
"""The most works on a page."""

BATCH: Final = 50
"""DOIs asked for at once. The service takes 100; some works come twice, and all must fit on one page."""

PAPERS: Final = 500
"""The most papers of a batch, where many no DOI."""


def enabled(settings: Settings) -> bool:
    """Whether the settings switch it on."""
    return settings.openalex.enabled


def schedule(settings: Settings) -> Schedule:
    """Not in a paper's first days: it is hardly known there, and nobody can have cited it."""
    own = settings.openalex
    every = timedelta(days=own.every_days)
    return Schedule(every, every, timedelta(days=own.drop_days))


def fetch(web: Web, poll: Poll) -> Iterator[Looks]:
    """Batch by batch, as many as the budget has."""
    budget = poll.settings.openalex.budget
    for number, batch in enumerate(_batches(poll.subjects)):
        if number >= budget:
            yield Looks(note=said("%(setting)s allows %(n)s requests a run", setting="openalex.budget", n=budget))
            return
        wanted = list(dict.fromkeys(doi for _, dois in batch for doi in dois))
        cited = _ask(web, poll.settings, wanted) if wanted else {}
        yield Looks(tuple(_look(subject, dois, cited) for subject, dois in batch))


def dois_of(subject: Subject) -> list[str]:
    """The DOIs of a paper, arXiv's among them. One with a comma or a bar cannot be asked for: they mean AND and OR."""
    ids = (alias.partition(":") for alias in subject.aliases)
    found = (f"10.48550/arxiv.{id}" if scheme == "arxiv" else id for scheme, _, id in ids if scheme in ("arxiv", "doi"))
    return [doi for doi in found if not set(doi) & set(",|")]


_Batch = list[tuple[Subject, list[str]]]


def _batches(subjects: Iterable[Subject]) -> Iterator[_Batch]:
    batch: _Batch = []
    for subject in subjects:
        dois = dois_of(subject)[:BATCH]
        if sum(len(own) for _, own in batch) + len(dois) > BATCH or len(batch) == PAPERS:
            yield batch
            batch = []
        batch.append((subject, dois))
    if batch:
        yield batch


def _ask(web: Web, settings: Settings, dois: list[str]) -> Mapping[str, int | None]:
    """The greatest count of each work that it knows by our id, None where it has the work and no count."""
    own = settings.openalex
    params = {"filter": f"doi:{'|'.join(dois)}", "select": "doi,cited_by_count", "per_page": f"{PAGE}"}
    answer = web.get(
        completed(own.url, ("/works",)),
        host=NAME,
        params=params | ({"api_key": own.key} if own.key else {}),
        accept="application/json",
    )
    found = parsed(answer.body, SUBJECT)
    works = found.get("results") if isinstance(found, dict) else None
    if not isinstance(works, list):
        raise FormatError(SUBJECT, "answered no list of works", "try again later")
    cited: dict[str, int | None] = {}
    for work in works:
        doi = work.get("doi") if isinstance(work, dict) else None
        own_id = canonical_id(doi) if isinstance(doi, str) else None
        if own_id is not None:
            cited[own_id] = max(count(work, "cited_by_count"), cited.get(own_id), key=lambda n: -1 if n is None else n)
    return cited


def _look(subject: Subject, dois: list[str], cited: Mapping[str, int | None]) -> Look:
    if not dois:
        return Look(subject.id, "skipped", reason=said("no DOI"))
    there = [cited[alias] for alias in subject.aliases if alias in cited]
    counts = [number for number in there if number is not None]
    if counts:
        return Look(subject.id, "counted", {KIND: max(counts)})
    return Look(subject.id, "unknown", reason=said("without a count") if there else said("not there yet"))
