"""The endpoints of Hugging Face's papers, same paths and fields, so that its clients and bots need only another host.

`publishedAt` is the day of arXiv in both places where it stands; the featured day is `paper.submittedOnDailyAt`, of
which the day alone is known. Hugging Face itself shifts the outer `publishedAt` by some hours, which is not repeated.
Titles and summaries are as their sources wrote them. What Hugging Face says of a paper (`ai_summary`, `ai_keywords`,
`organization`) stands also at the outer level, where `huggingface_hub` looks for it. Errors are `{"error": sentence}`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Annotated, Any, Literal

import orjson
from fastapi import Depends, Query, Request, Response
from fastapi.responses import PlainTextResponse, RedirectResponse

from broadsheet.errors import UsageError
from broadsheet.library.editions.daily import Daily, DailyAsk, daily, with_counts
from broadsheet.library.find import SearchAsk, search
from broadsheet.library.papers.show import find_known
from broadsheet.text import plain
from broadsheet.types import Announcement, LinkKind, Paper
from broadsheet.web.access import Lib
from broadsheet.web.answers import Content, answers_of
from broadsheet.web.documented import documented
from broadsheet.web.lists import site_of
from broadsheet.web.routers import for_programs
from broadsheet.words.said import said

Json = dict[str, Any]

LONGEST_QUERY = 250
_HUB = "https://huggingface.co/"
_LINKED: dict[str, tuple[LinkKind, str]] = {
    "Models": ("model", _HUB),
    "Datasets": ("data", _HUB + "datasets/"),
    "Spaces": ("demo", _HUB + "spaces/"),
}

router = for_programs("Hugging Face")


@dataclass(frozen=True, slots=True)
class DailyParams:
    """Which list of featured papers."""

    date: Annotated[str, Query(description="The day on which they were featured, `2025-11-20`.")] = ""
    week: Annotated[str, Query(description="An ISO week, `2025-W47`.")] = ""
    month: Annotated[str, Query(description="A month, `2025-11`.")] = ""
    submitter: Annotated[str, Query(description="Who featured them.")] = ""
    sort: Annotated[Literal["publishedAt", "trending"], Query(description="The order.")] = "publishedAt"
    p: Annotated[int, Query(ge=0, le=10_000, description="The page, from 0.")] = 0
    limit: Annotated[int, Query(ge=1, le=100, description="Papers of a page, at most 100.")] = 50


@router.get("/api/daily_papers", responses=documented("hub_daily", 400))
def daily_papers(request: Request, lib: Lib, asked: Annotated[DailyParams, Depends()]) -> Response:
    """The papers featured on a day, in a week or month, or of late, those with most votes first.

    A library that harvests no list of featured papers has its editions here.
    """
    names = [name for name in (asked.date, asked.week, asked.month) if name]
    if len(names) > 1:
        raise UsageError(
            "date", said("is given as %(known)s", known=" and ".join(names)), "name one day, week or month"
        )
    ask = DailyAsk("".join(names), asked.submitter, asked.sort, asked.limit, asked.p * asked.limit)
    return _answer(request, lambda: [_item(one) for one in daily(lib, ask)])


@router.get("/api/papers/search", responses=documented("hub_search", 400))
def papers_search(
    request: Request,
    lib: Lib,
    q: Annotated[str, Query(max_length=LONGEST_QUERY, description="What to search for.")] = "",
    limit: Annotated[int, Query(ge=1, le=120, description="How many, at most 120.")] = 120,
) -> Response:
    """The papers that a query finds, best first; the newest without a query."""

    def make() -> list[Json]:
        found = search(lib, SearchAsk(q, limit=limit, sort="relevance" if q.strip() else "new"))
        return [_item(one) for one in with_counts(lib, [hit.paper for hit in found.hits])]

    return _answer(request, make)


@router.get("/api/papers/{id:path}", responses=documented("hub_paper", 404))
def paper_info(request: Request, lib: Lib, id: str) -> Response:
    """One paper, by its arXiv id or any other."""
    return _answer(request, lambda: _detail(with_counts(lib, [find_known(lib, id)[1].paper])[0]))


@router.get("/papers/{id:path}.md", response_class=PlainTextResponse)
def paper_markdown(request: Request, lib: Lib, id: str) -> Response:
    """One paper as Markdown: title, authors, abstract and links."""

    def make() -> Content:
        paper = find_known(lib, id)[1].paper
        names = ", ".join(plain(author.name) for author in paper.authors)
        links = [f"- {link.kind}: <{link.url}>" for link in paper.links]
        parts = [f"# {plain(paper.title)}", names, plain(paper.abstract), "\n".join(links)]
        return Content("\n\n".join(part for part in parts if part).encode() + b"\n", "text/markdown; charset=utf-8")

    return answers_of(request).answer(request, make)


@router.get("/papers/{id:path}", include_in_schema=False)
def paper_page(request: Request, lib: Lib, id: str) -> RedirectResponse:
    """The page of a paper, at the address that it has there."""
    return RedirectResponse(site_of(request, lib).page_of(find_known(lib, id)[1].paper))


def _answer(request: Request, make: Callable[[], object]) -> Response:
    return answers_of(request).answer(request, lambda: Content(orjson.dumps(make()), "application/json"))


def _item(one: Daily) -> Json:
    """A paper as lists have it."""
    paper = _paper(one)
    enriched = {name: paper[name] for name in _OUTSIDE if name in paper}
    return {
        "paper": paper,
        "publishedAt": paper["publishedAt"],
        "title": paper["title"],
        "summary": paper["summary"],
        "thumbnail": None,
        "numComments": one.count("comments") or 0,
        "submittedBy": paper.get("submittedOnDailyBy"),
        "isAuthorParticipating": False,
        **enriched,
    }


_OUTSIDE = ("ai_summary", "ai_keywords", "projectPage", "githubRepo", "githubStars", "mediaUrls", "organization")


def _detail(one: Daily) -> Json:
    """A paper as its own address has it: with what is linked to it on the hub."""
    fields = _paper(one)
    for name, (kind, start) in _LINKED.items():
        addresses = (link.url for link in one.paper.links if link.kind == kind)
        found = [{"id": url.removeprefix(start).strip("/")} for url in addresses if url.startswith(start)]
        fields |= {f"linked{name}": found, f"numTotal{name}": len(found)}
    return fields | {"comments": []}


def _paper(one: Daily) -> Json:
    paper, announcement = one.paper, one.announcement
    published = paper.published or paper.added
    fields: Json = {
        "id": _id(one),
        "authors": [{"name": plain(author.name), "hidden": False} for author in paper.authors],
        "publishedAt": _moment(published),
        "title": paper.title,
        "summary": paper.abstract,
        "upvotes": one.count("upvotes") or 0,
        "discussionId": None,
    }
    if announcement is not None:
        fields["submittedOnDailyAt"] = _moment(_put_forward(paper, announcement))
        if announcement.by:
            fields["submittedOnDailyBy"] = _person(announcement)
    links = {link.kind: link.url for link in reversed(paper.links)}
    told = {
        "ai_summary": _said(one, "summary"),
        "ai_keywords": [word for word in (_said(one, "keywords") or "").split("; ") if word],
        "organization": {"name": name, "fullname": name} if (name := _said(one, "organisation")) else None,
        "projectPage": links.get("project"),
        "githubRepo": next((link.url for link in paper.links if "://github.com/" in link.url), None),
        "githubStars": one.count("github_stars"),
        "mediaUrls": [link.url for link in paper.links if link.kind == "media"],
    }
    return fields | {name: value for name, value in told.items() if value not in (None, "", [])}


def _put_forward(paper: Paper, listed: Announcement) -> datetime:
    """The moment that the source told, else the beginning of the day."""
    told = (a.at for a in paper.announcements if a.at and (a.source, a.day) == (listed.source, listed.day))
    return next(told, datetime.combine(listed.day, time(), UTC))


def _id(one: Daily) -> str:
    """The arXiv id, by which its clients know a paper; the key where there is none."""
    ids = (one.paper.key, *one.paper.aliases)
    return next((id.removeprefix("arxiv:") for id in ids if id.startswith("arxiv:")), one.paper.key)


def _person(announcement: Announcement) -> Json:
    return {"user": announcement.by, "fullname": announcement.by, "type": "user"}


def _said(one: Daily, kind: str) -> str | None:
    return next((e.value for e in one.paper.enrichments if e.kind == kind), None)


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
