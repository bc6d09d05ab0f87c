"""Links that abstracts and comments carry (code, project page, data, model, demo), and the pages that an id has."""

import re
from collections.abc import Iterator
from functools import lru_cache

from broadsheet.types import Link, LinkKind

_REST = r"[^\s<>\"{}|^`“”‘’]+"
_URL = re.compile(rf"[hH][tT]{{2}}[pP][sS]?://{_REST}")
_BARE = re.compile(
    rf"(?<![\w./@:-])(?:(?:www\.)?(?:github\.com|gitlab\.com|huggingface\.co)/|[\w-]{{1,40}}\.github\.io){_REST}",
    re.IGNORECASE,
)
_AUTHORITY_END = re.compile(r"[/?#]")
_BARE_HOSTS = ("github.", "gitlab.com", "huggingface.co")
_LONGEST_HEAD = 44  # characters that _BARE may have before its host
_ESCAPE = re.compile(r"\\([_%&#~\-$])")
_TAIL = ".,;:!?'\"*)]}>\\。，；）"

_HOSTS: tuple[tuple[str, LinkKind], ...] = (
    ("github.com", "code"),
    ("gitlab.com", "code"),
    ("bitbucket.org", "code"),
    ("codeberg.org", "code"),
    ("gitee.com", "code"),
    ("sourceforge.net", "code"),
    ("anonymous.4open.science", "code"),
    ("pypi.org", "code"),
    ("github.io", "project"),
    ("gitlab.io", "project"),
    ("sites.google.com", "project"),
    ("zenodo.org", "data"),
    ("kaggle.com", "data"),
    ("figshare.com", "data"),
    ("physionet.org", "data"),
    ("youtube.com", "demo"),
    ("youtu.be", "demo"),
    ("colab.research.google.com", "demo"),
    ("modelscope.cn", "model"),
    ("openreview.net", "discussion"),
)
_WORDS: tuple[tuple[re.Pattern[str], LinkKind], ...] = (
    (re.compile(r"\b(?:project|home|web)[\s-]*(?:pages?|sites?)\b|\bwebsite\b|\bproject\b", re.IGNORECASE), "project"),
    (
        re.compile(
            r"\b(?:source[\s-]*)?codes?\b|\bimplementation\b|\brepositor(?:y|ies)\b|\bsoftware\b", re.IGNORECASE
        ),
        "code",
    ),
    (re.compile(r"\bdata(?:sets?|bases?)?\b|\bbenchmarks?\b|\bcorpus\b", re.IGNORECASE), "data"),
    (re.compile(r"\bdemos?\b|\bvideos?\b", re.IGNORECASE), "demo"),
    (re.compile(r"\bmodels?\b|\bweights\b|\bcheckpoints?\b", re.IGNORECASE), "model"),
)
_HUB_PAGES = frozenset(
    ("papers", "docs", "blog", "collections", "join", "spaces", "datasets", "models", "organizations")
)
_KNOWN_BY_ID = ("arxiv.org", "doi.org")


@lru_cache(maxsize=2048)  # a file's reader and identity ask for the same texts, and listings repeat them
def links_in(text: str) -> tuple[Link, ...]:
    """The links of a text, each once: kind by host, else by the words before it. Pages of arXiv and DOIs are ids."""
    if "/" not in text and "github." not in text:  # most texts
        return ()
    matches = [*_whole(text), *_bare(text)]
    found: dict[str, Link] = {}
    for match in sorted(matches, key=_start):
        url = _clean(match[0])
        if url is not None and (key := link_key(url)) not in found:
            found[key] = Link(_kind(url, text[max(0, match.start() - 60) : match.start()]), url)
    return tuple(found.values())


def _whole(text: str) -> Iterator[re.Match[str]]:
    """Matches of _URL. They are looked for where `://` is: a pattern by itself would look at every letter of a text."""
    end = 0
    for place in _places(text, "://"):
        if place >= end and (match := _URL.match(text, place - 5) or _URL.match(text, place - 4)):
            end = match.end()
            yield match


def _bare(text: str) -> Iterator[re.Match[str]]:
    """Matches of _BARE, which is slow, looked for around the hosts only, and not where a whole address has them."""
    end, low = 0, text.lower()
    if len(low) != len(text):  # a letter such as İ is two then, and no place would be the same
        low = text
    for place in sorted([place for host in _BARE_HOSTS for place in _places(low, host)]):
        if place >= end and not text.endswith("://", 0, place):
            blank = text.find(" ", place)
            match = _BARE.search(text, max(end, place - _LONGEST_HEAD), blank if blank >= 0 else len(text))
            if match is not None:
                end = match.end()
                yield match


def _places(text: str, part: str) -> Iterator[int]:
    place = text.find(part)
    while place >= 0:
        yield place
        place = text.find(part, place + len(part))


def _start(match: re.Match[str]) -> int:
    return match.start()


@lru_cache(maxsize=256)  # as above
def links_of_id(id: str) -> tuple[Link, ...]:
    """The pages that every work with this canonical id has: abstract page, PDF, discussion."""
    scheme, _, value = id.partition(":")
    if scheme == "arxiv":
        return (Link("abstract", f"https://arxiv.org/abs/{value}"), Link("pdf", f"https://arxiv.org/pdf/{value}"))
    if scheme == "openreview":
        forum, pdf = f"https://openreview.net/forum?id={value}", f"https://openreview.net/pdf?id={value}"
        return (Link("discussion", forum), Link("pdf", pdf))
    if scheme == "acl":
        return (
            Link("abstract", f"https://aclanthology.org/{value}/"),
            Link("pdf", f"https://aclanthology.org/{value}.pdf"),
        )
    if scheme not in _PAGES:
        return ()
    return (Link("abstract", _PAGES[scheme] + value),)


_PAGES = {
    "doi": "https://doi.org/",
    "pubmed": "https://pubmed.ncbi.nlm.nih.gov/",
    "s2": "https://www.semanticscholar.org/paper/",
    "corpusid": "https://api.semanticscholar.org/CorpusID:",
}


@lru_cache(maxsize=1024)  # as above
def link_key(url: str) -> str:
    """What two spellings of one address share: no scheme, no `www.`, no slash, `.git` or fragment at the end."""
    rest = url.partition("://")[2] or url
    rest = rest.partition("#")[0]
    host, slash, path = rest.partition("/")
    host = host.lower().removeprefix("www.")
    if host == "github.com":
        path = path.lower()
    return host + (slash + path).rstrip("/").removesuffix(".git")


def _clean(raw: str) -> str | None:
    """A whole address with https, or None where it cannot be one or names a paper by its id."""
    url = _ESCAPE.sub(r"\1", raw)
    while url and url[-1] in _TAIL:
        if url[-1] == ")" and url.count("(") >= url.count(")"):
            break
        url = url[:-1]
    url = url.partition("\\")[0]
    if "://" not in url:
        url = "https://" + url
    host = _host(url)
    if "." not in host or any(host == known or host.endswith("." + known) for known in _KNOWN_BY_ID):
        return None
    return url


def _host(url: str) -> str:
    """The host of an address, lower case, without user and port."""
    authority = _AUTHORITY_END.split(url.partition("://")[2], maxsplit=1)[0]
    return authority.rpartition("@")[2].partition(":")[0].lower()


def _kind(url: str, before: str) -> LinkKind:
    host = _host(url).removeprefix("www.")
    if host == "huggingface.co":
        return _hub_kind(url.partition("://")[2].partition("/")[2])
    for known, kind in _HOSTS:
        if host == known or host.endswith("." + known):
            return kind
    hints = [(match.start(), kind) for pattern, kind in _WORDS for match in pattern.finditer(before)]
    return max(hints)[1] if hints else "other"


def _hub_kind(path: str) -> LinkKind:
    first, _, rest = path.strip("/").partition("/")
    if first == "datasets":
        return "data"
    if first == "spaces":
        return "demo"
    if first == "papers":
        return "discussion"
    return "model" if rest and first not in _HUB_PAGES else "other"
