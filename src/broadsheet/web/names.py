"""What pages call the values that code and addresses know by a word: orders, views, roles, states."""

from collections.abc import Mapping
from typing import Final

from broadsheet.types import Collection
from broadsheet.words.said import said

NAMES: Final[Mapping[str, str]] = {
    "trending": said("trending"),
    "votes": said("votes"),
    "new": said("new"),
    "mine": said("mine"),
    "relevance": said("relevance"),
    "cards": said("cards"),
    "compact": said("compact"),
    "titles": said("titles"),
    "hybrid": said("hybrid"),
    "keyword": said("keyword"),
    "semantic": said("semantic"),
}
"""Orders, views and ways of searching."""

SOURCES: Final[Mapping[str, str]] = {
    "arxiv": "arXiv",
    "arxiv-oai": "arXiv",
    "bibtex": "BibTeX",
    "broadsheet": said("here"),
    "csl": "CSL-JSON",
    "demo": said("the sample"),
    "github": "GitHub",
    "huggingface": "Hugging Face",
    "listing": said("a listing"),
    "openalex": "OpenAlex",
    "ris": "RIS",
    "semanticscholar": "Semantic Scholar",
}
"""Where papers and counts come from."""


def source_name(source: str) -> str:
    """A source as people call it."""
    return SOURCES.get(source, source)


SAVED: Final = said("Saved")


def called(collection: Collection) -> str:
    """The name of a collection; that of the saved papers is ours as long as their reader gave them no other."""
    return SAVED if collection.saved and collection.name == SAVED else collection.name


ANNOUNCED: Final[Mapping[str, str]] = {
    "new": said("New"),
    "cross": said("Cross-listed"),
    "replace": said("Replaced"),
    "replace-cross": said("Replaced, cross-listed"),
    "featured": said("Featured"),
    "listed": said("Listed"),
    "relisted": said("Listed again"),
}
"""What was announced of a paper."""

ROLES: Final[Mapping[str, str]] = {"reader": said("reader"), "editor": said("editor"), "admin": said("admin")}

WAYS: Final[Mapping[str, str]] = {
    "owner": said("the owner's link"),
    "link": said("a mailed link"),
    "password": said("password"),
    "invite": said("invitation"),
    "passkey": said("passkey"),
    "oidc": said("single sign-on"),
}
"""Ways of signing in."""

INDEXES: Final[Mapping[str, str]] = {"words": said("words"), "meaning": said("meaning"), "learnt": said("learnt")}
"""Kinds of search indexes."""

STATES: Final[Mapping[str, str]] = {
    "queued": said("queued"),
    "handing": said("being sent"),
    "sent": said("sent"),
    "uncertain": said("uncertain"),
    "failed": said("failed"),
    "never": said("never"),
    "running": said("running"),
    "empty": said("empty"),
    "holiday": said("holiday"),
    "unchanged": said("unchanged"),
    "partial": said("partial"),
    "interrupted": said("interrupted"),
    "behind": said("behind"),
    "filling": said("filling"),
    "learning": said("learning"),
    "damaged": said("damaged"),
    "unreadable": said("not readable"),
    "missing": said("missing"),
}
"""What became of a mail or a harvest, and how an index stands; `ok` is that in any language."""

FLAGS: Final[Mapping[str, str]] = {
    "abstract": said("abstract"),
    "code": said("code"),
    "comment": said("comment"),
    "data": said("data"),
    "demo": said("demo"),
    "discussion": said("discussion"),
    "model": said("model"),
    "project": said("project"),
    "revision": said("revision"),
    "venue": said("venue"),
    "withdrawal": said("withdrawal"),
}
"""What a paper can have; what is missing here has the same name in any language."""
