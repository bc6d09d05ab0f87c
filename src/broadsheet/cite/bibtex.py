"""A paper in BibTeX: TeX as its source wrote it, with what TeX would stumble over escaped."""

import re
from collections.abc import Iterator

from broadsheet.cite.fields import Ids, date_of, ids_of, is_conference, split_name
from broadsheet.types import Author, Paper

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]


def entry(key: str, paper: Paper) -> str:
    """The entry of a paper under this citation key."""
    kind = "misc" if not paper.venue else "inproceedings" if is_conference(paper.venue) else "article"
    lines = [f"@{kind}{{{key},"]
    for name, value in _fields(paper, kind):
        lines.append(f"  {name} = {value},")
    return "\n".join([*lines, "}", ""])


def _fields(paper: Paper, kind: str) -> Iterator[tuple[str, str]]:
    ids = ids_of(paper)
    yield "title", f"{{{{{_as_tex(paper.title)}}}}}"
    if paper.authors:
        yield "author", "{" + " and ".join(_name(author) for author in paper.authors) + "}"
    parts = date_of(paper)
    if parts:
        yield "year", f"{{{parts[0]}}}"
        if len(parts) > 1:
            yield "month", _MONTHS[parts[1] - 1]
    if paper.venue:
        yield ("booktitle" if kind == "inproceedings" else "journal"), f"{{{_as_tex(paper.venue)}}}"
    yield from _ids(paper, ids)
    if paper.comment:
        yield "note", f"{{{_as_tex(paper.comment)}}}"
    if paper.abstract:
        yield "abstract", f"{{{_as_tex(paper.abstract)}}}"


def _ids(paper: Paper, ids: Ids) -> Iterator[tuple[str, str]]:
    if ids.doi:
        yield "doi", f"{{{_verbatim(ids.doi)}}}"
    if ids.arxiv:
        yield "eprint", f"{{{ids.arxiv}}}"
        yield "archivePrefix", "{arXiv}"
        if paper.categories:
            yield "primaryClass", f"{{{_verbatim(paper.categories[0])}}}"
    if ids.pubmed:
        yield "pmid", f"{{{ids.pubmed}}}"
    if ids.url:
        yield "url", f"{{{_verbatim(ids.url)}}}"
    if ids.others:  # no style prints this field: it is for readers that keep every id
        yield "identifiers", f"{{{_verbatim(' '.join(ids.others))}}}"


def _name(author: Author) -> str:
    name = _as_tex(author.name)
    if re.search(r"\band\b|,", name, re.IGNORECASE) or name.lower() == "others":
        return f"{{{name}}}"
    family, given, suffix = split_name(name)
    return (
        ", ".join(part for part in (family, suffix, given) if part) if _balanced(family) and _balanced(given) else name
    )


def _as_tex(text: str) -> str:
    """TeX on one line whose braces close and whose special characters outside of formulas are escaped."""
    text = " ".join(text.split())
    if not _balanced(text):
        text = re.sub(r"(?<!\\)[{}]", "", text)
    pieces = _FORMULA.split(text)
    return "".join(piece if i % 2 else _escaped(piece) for i, piece in enumerate(pieces))


_FORMULA = re.compile(r"((?<!\\)\$\$?[^$]*(?<!\\)\$\$?|\\\(.*?\\\)|\\(?:url|href)\{[^{}]*\})")


def _escaped(text: str) -> str:
    text = re.sub(r"(?<!\\)([&%#$_])", r"\\\1", text)
    return text[:-1] if text.endswith("\\") and not text.endswith("\\\\") else text


def _verbatim(text: str) -> str:
    """An address or id as it is; the few characters that would end the field are percent-encoded."""
    return re.sub(r"[{}\\\s]", lambda match: " " if match[0].isspace() else f"%{ord(match[0]):02X}", text)


def _balanced(text: str) -> bool:
    depth = 0
    for match in re.finditer(r"\\.|[{}]", text):
        depth += (match[0] == "{") - (match[0] == "}")
        if depth < 0:
            return False
    return depth == 0
