"""What all of arXiv's formats share: ids, names in one line, DOIs, withdrawal."""

import re

from broadsheet.text import canonical_id
from broadsheet.types import Author

_VERSION = re.compile(r"v(\d+)$")
_SUFFIX = re.compile(r"(?:jr|sr|ii|iii|iv|ph\.?\s?d|m\.?d)\.?(?:\s*\(.*\))?", re.IGNORECASE)
_AND = re.compile(r"\s+and\s+(?![^()]*\))")
_GROUP = re.compile(r"\b(?:collaborations?|consortium|team|group|array)\b", re.IGNORECASE)
_DOI = re.compile(r"10\.\d{4,9}/[^\s,;]+(?:[,;](?!\s*10\.)[^\s,;]+)*")
_WITHDRAWN_ABSTRACT = re.compile(
    r"\W*(?:(?:this|the)\s+)?(?:\w+\s+){0,3}?(?:has|have)\s+been\s+(?:temporarily\s+)?withdrawn\b"
    r"|\W*withdrawn\b|\W*(?:paper|submission|article)\s+(?:is\s+|was\s+)?withdrawn\b",
    re.IGNORECASE,
)
_WITHDRAWN_COMMENT = re.compile(
    r"^\W*(?:temporarily\s+)?withdrawn\b"
    r"|\b(?:paper|article|submission|manuscript|preprint|version|work|authors?|v\d+)"
    r"\s+(?:(?:is|was|has|have)\s+)?(?:been\s+)?(?:temporarily\s+)?withdrawn\b",
    re.IGNORECASE,
)
_OF_ANOTHER = re.compile(
    r"\b(?:supersed|replac|merge)\w*\s(?:\S+\s){0,6}?withdrawn|withdrawn\s+(?:paper|article|arxiv)", re.IGNORECASE
)


def bare_id(raw: str) -> tuple[str, int | None]:
    """The id and the version of `oai:arXiv.org:2203.01250v3`, a URL or an id: `("2203.01250", 3)`."""
    raw = raw.strip()
    name = re.sub(r"^(?:oai:)?arxiv(?:\.org)?:|^.*?/(?:abs|pdf)/", "", raw, flags=re.IGNORECASE)
    version = _VERSION.search(name)
    return _VERSION.sub("", name), int(version[1]) if version else None


def ids(arxiv_id: str, dois: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The canonical ids, arXiv's own first; empty where `arxiv_id` is none."""
    own = canonical_id(f"arxiv:{arxiv_id}")
    if own is None or not own.startswith("arxiv:"):
        return ()
    others = (canonical_id(f"doi:{doi}") for doi in dois)
    return tuple(dict.fromkeys((own, *(other for other in others if other))))


def split_dois(field: str) -> tuple[str, ...]:
    """All DOIs of a field that may hold several, separated by commas, semicolons or spaces."""
    return tuple(dict.fromkeys(found.rstrip(".,;") for found in _DOI.findall(field)))


def is_withdrawn(comment: str, abstract: str) -> bool:
    """Whether the authors or arXiv say so: a withdrawn paper is a version with a note, not a deletion."""
    said = _WITHDRAWN_COMMENT.search(comment) and not _OF_ANOTHER.search(comment)
    return bool(said or _WITHDRAWN_ABSTRACT.match(abstract))


def split_names(line: str) -> tuple[Author, ...]:
    """The authors of a comma-joined line, TeX kept, affiliations in parentheses taken apart.

    `J. Doe (MIT), A. Roe, Jr., X Collaboration: B. Poe` is four authors.
    """
    names: list[str] = []
    for part in _split_outside(line):
        for piece in (piece for joined in _AND.split(part) for piece in _without_group(joined)):
            if names and _SUFFIX.fullmatch(piece):
                names[-1] += f", {piece}"
            elif piece.strip("():;,. ") and not piece.startswith("(("):
                names.append(piece)
    return tuple(_author(name) for name in names)


def _split_outside(line: str) -> list[str]:
    """Split at commas that are not inside (), {} or $$, nor escaped."""
    parts, depth, math, begin = [], 0, False, 0
    for at, c in enumerate(line):
        if at and line[at - 1] == "\\":
            continue
        if c == "$":
            math = not math
        elif c in "({":
            depth += 1
        elif c in ")}":
            depth = max(0, depth - 1)
        elif c in ",;" and not depth and not math:
            parts.append(line[begin:at])
            begin = at + 1
    return [part.strip() for part in (*parts, line[begin:])]


def _without_group(part: str) -> list[str]:
    part = re.sub(r"^(?:and|&)\s+", "", part)
    before, colon, after = part.partition(":")
    return [before.strip(), after.strip()] if colon and _GROUP.search(before) else [part.strip(" :")]


def _author(name: str) -> Author:
    found = re.fullmatch(r"(?P<name>[^()]+?)\s*\((?P<affiliation>.+)\)", name)
    if not found:
        return Author(name)
    affiliation = found["affiliation"].strip()
    return Author(found["name"], None if re.fullmatch(r"[\d\s,and]+", affiliation) else affiliation)
