"""What a feed is made of, whatever the format."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlsplit

from broadsheet.types import Paper

LOCAL = "localhost"


@dataclass(frozen=True, slots=True)
class Site:
    """The instance that publishes: `address` as its visitors write it, without a slash at the end.

    `authority` is the name under which its ids are made (RFC 4151). It must stay the same, or readers see every paper
    again: the host of the public address where one is set, else `localhost`, whatever name a visitor used.
    """

    address: str
    authority: str = LOCAL
    version: str = ""

    @classmethod
    def of(cls, address: str, public: str, version: str = "") -> "Site":
        """The site that is visited at `address`; `public` is the address that was set for it, or empty."""
        return cls((public or address).rstrip("/"), _host(public) or LOCAL, version)

    def tag(self, specific: str) -> str:
        """The permanent id of a thing of this site, a `tag:` URI."""
        return f"tag:{self.authority},2026:{quote(specific, safe=_IN_TAG, errors='replace')}"

    def page_of(self, paper: Paper) -> str:
        """The address of a paper's page here."""
        return f"{self.address}/paper/{quote(paper.key, safe='/:', errors='replace')}"


_IN_TAG = "/?:@!$&'()*+,;="


def _host(address: str) -> str:
    """The host of an address as a DNS name; empty where it has none (RFC 4151 knows no IPv6 addresses)."""
    try:
        host = (urlsplit(address).hostname or "").encode("idna").decode()
    except ValueError:
        return ""
    return "" if ":" in host else host


@dataclass(frozen=True, slots=True)
class Item:
    """A listed paper; `votes` is None where nobody counts."""

    paper: Paper
    votes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A list of papers to be published.

    `path` names the list on its site and makes its id: the same for all formats, pages and addresses. `page` is where
    people read it, `url` this document, `before` and `after` the documents with the neighbouring pieces of a long list.
    `changed` is the time of the feed where no entry has one. `hub` distributes it (WebSub), where there is one.
    """

    site: Site
    title: str
    description: str
    path: str
    page: str
    url: str
    items: tuple[Item, ...]
    changed: datetime
    before: str | None = None
    after: str | None = None
    hub: str | None = None
