"""The values of fields that are exact: categories, ids, days, and what a paper can have."""

import unicodedata
from collections.abc import Callable

from broadsheet.search.query_ast import DATE_FIELDS, Filter, Node, Range
from broadsheet.search.query_dates import span, stretch
from broadsheet.text import canonical_id
from broadsheet.words.said import said

HAS = (
    "abstract", "code", "comment", "data", "demo", "discussion", "doi", "html", "media", "model", "orcid", "pdf",
    "project", "revision", "venue", "withdrawal",
)  # fmt: skip
"""What `has:` can ask for."""

WAYS_TO = {"arxiv": "arxiv-oai"}
"""Sources with one more way to them. `source:` and the counts of the first have what came on either."""

MAX_ID = 500
"""Characters of an id or of its page's address; longer text is not asked whether it is one."""


def known_id(text: str) -> str | None:
    """The canonical id that a text is, or None."""
    id = canonical_id(text) if len(text) <= MAX_ID else None
    return None if id is None else unicodedata.normalize("NFC", id)


def _lower(value: str) -> str:
    return unicodedata.normalize("NFC", value.lower())


def _category(value: str) -> Node:
    name = value.removesuffix("*").rstrip(".")
    if not any(map(str.isalnum, name)):
        raise ValueError(said("names no category"))
    return Filter("cat", name)


def _source(value: str) -> Node:
    name = _lower(value)
    return Filter("source", {"hf": "huggingface"}.get(name, name))


def _flag(value: str) -> Node:
    flag = {"withdrawn": "withdrawal", "repo": "code", "github": "code"}.get(value.lower(), value.lower())
    if flag not in HAS:
        raise ValueError(said("is not one of %(known)s", known=", ".join(HAS)))
    return Filter("has", flag)


def _id(value: str) -> Node:
    return Filter("id", known_id(value) or _lower(value))


def _id_of(scheme: str) -> Callable[[str], Node]:
    def read(value: str) -> Node:
        id = known_id(f"{scheme}:{value}")
        if id is None:
            raise ValueError(said("is no id"))
        return Filter("id", id)

    return read


def _days(name: str) -> Callable[[str], Node]:
    def read(value: str) -> Node:
        found = stretch(value) if name in ("year", "date") else span(value)
        if found is None:
            raise ValueError(said("is not a date such as 2025, 2025-03, 2025-W12 or 2025-03-18"))
        start, end = found
        return Range(start if name != "until" else None, end if name != "since" else None)

    return read


VALUES: dict[str, Callable[[str], Node]] = {
    "cat": _category,
    "category": _category,
    "arxiv": _id_of("arxiv"),
    "doi": _id_of("doi"),
    "source": _source,
    "id": _id,
    "has": _flag,
    **{name: _days(name) for name in DATE_FIELDS},
}
"""By the name of a field as typed: its value as a node. Raises ValueError that says what is wrong."""
