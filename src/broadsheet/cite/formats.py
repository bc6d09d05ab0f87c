"""Papers as files for other programs: BibTeX, RIS and CSL-JSON.

Titles and abstracts are TeX, as sources write them: BibTeX gets them with what TeX would stumble over escaped, RIS
and CSL-JSON get them readable. A publication date that is exactly the beginning of a year means that only the year
is known, as `sources.formats` read it from such files.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Literal

import orjson

from broadsheet.cite.fields import Ids, date_of, ids_of, is_conference, page_of, split_name
from broadsheet.text import fold, plain
from broadsheet.types import Author, Paper


def to_bibtex(papers: Iterable[Paper]) -> str:
    """One entry for each paper, in their order, with citation keys such as `curie1911radium`, each once."""
    return "\n".join(entries("bibtex", papers))


def to_ris(papers: Iterable[Paper]) -> str:
    """One RIS entry for each paper, in their order, with the line ends that the format asks for."""
    return "\r\n".join(entries("ris", papers))


def to_csl(papers: Iterable[Paper]) -> str:
    """A list of CSL-JSON items, one for each paper, in their order."""
    return "[\n" + ",\n".join(entries("csl-json", papers)) + "\n]\n"


def to_markdown(papers: Iterable[Paper], title: str, note: str = "") -> str:
    """A heading and a line for each paper, in their order: title with its page, authors, venue, year."""
    head = [f"# {_markdown(title)}", *([note] if note else [])]
    return "\n\n".join([*head, "\n".join(map(_markdown_line, papers))]).rstrip() + "\n"


def _markdown_line(paper: Paper) -> str:
    ids, names = ids_of(paper), [plain(author.name) for author in paper.authors]
    told = ", ".join(names[:3]) + (" et al." if len(names) > 3 else "")
    year = "".join(map(str, date_of(paper)[:1]))
    rest = ". ".join(_markdown(part.rstrip(".")) for part in (told, plain(paper.venue or ""), year) if part)
    title = _markdown(plain(paper.title))
    url = (ids.url or "").replace("(", "%28").replace(")", "%29").replace(" ", "%20")
    return f"- [{title}]({url}). {rest}" if url else f"- {title}. {rest}"


def _markdown(text: str) -> str:
    """Text that Markdown shows as it is, on one line."""
    return re.sub(r"([\\`*_{}\[\]<>#|])", r"\\\1", " ".join(text.split()))


def entries(kind: Literal["bibtex", "ris", "csl-json"], papers: Iterable[Paper]) -> Iterator[str]:
    """The entries one by one, for lists that are too long to be held; citation keys are unique among all of them."""
    write = {"bibtex": _bibtex, "ris": _ris, "csl-json": _csl_text}[kind]
    return (write(key, paper) for key, paper in _keyed(papers))


def _keyed(papers: Iterable[Paper]) -> Iterator[tuple[str, Paper]]:
    """Each paper with its citation key; those that would share one get `a`, `b`, … from the second on."""
    used: set[str] = set()
    for paper in papers:
        stem = citation_key(paper)
        key = stem
        count = 1
        while key in used:
            key, count = stem + _letters(count), count + 1
        used.add(key)
        yield key, paper


def _letters(number: int) -> str:
    """a, b, … z, aa, ab … for 1, 2, …"""
    text = ""
    while number:
        number, digit = divmod(number - 1, 26)
        text = chr(ord("a") + digit) + text
    return text


def citation_key(paper: Paper) -> str:
    """First surname, year and first telling word of the title, in ASCII: `curie1911radium`."""
    family = split_name(plain(paper.authors[0].name))[0] if paper.authors else ""
    year = "".join(map(str, date_of(paper)[:1])) or "nd"
    words = (_ascii(word) for word in re.split(r"[\s\-–—/:]+", plain(paper.title)))
    telling = next((word for word in words if len(word) > 1 and word not in _SMALL_WORDS), "")
    return f"{_ascii(family) or 'anon'}{year}{telling}"


def _ascii(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", fold(text))


_SMALL_WORDS = frozenset(
    re.findall(r"\w+", "a an the on of in for to and or by with from at as is are we do does can how what why when via")
)

# BibTeX ---------------------------------------------------------------------------------------------------------

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]


def _bibtex(key: str, paper: Paper) -> str:
    kind = "misc" if not paper.venue else "inproceedings" if is_conference(paper.venue) else "article"
    lines = [f"@{kind}{{{key},"]
    for name, value in _bibtex_fields(paper, kind):
        lines.append(f"  {name} = {value},")
    return "\n".join([*lines, "}", ""])


def _bibtex_fields(paper: Paper, kind: str) -> Iterator[tuple[str, str]]:
    ids = ids_of(paper)
    yield "title", f"{{{{{bibtex_text(paper.title)}}}}}"
    if paper.authors:
        yield "author", "{" + " and ".join(_bibtex_name(author) for author in paper.authors) + "}"
    parts = date_of(paper)
    if parts:
        yield "year", f"{{{parts[0]}}}"
        if len(parts) > 1:
            yield "month", _MONTHS[parts[1] - 1]
    if paper.venue:
        yield ("booktitle" if kind == "inproceedings" else "journal"), f"{{{bibtex_text(paper.venue)}}}"
    yield from _bibtex_ids(paper, ids)
    if paper.comment:
        yield "note", f"{{{bibtex_text(paper.comment)}}}"
    if paper.abstract:
        yield "abstract", f"{{{bibtex_text(paper.abstract)}}}"


def _bibtex_ids(paper: Paper, ids: Ids) -> Iterator[tuple[str, str]]:
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


def _bibtex_name(author: Author) -> str:
    name = bibtex_text(author.name)
    if re.search(r"\band\b|,", name, re.IGNORECASE) or name.lower() == "others":
        return f"{{{name}}}"
    family, given, suffix = split_name(name)
    return (
        ", ".join(part for part in (family, suffix, given) if part) if _balanced(family) and _balanced(given) else name
    )


def bibtex_text(text: str) -> str:
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


# RIS ------------------------------------------------------------------------------------------------------------


def _ris(key: str, paper: Paper) -> str:
    rows = [("TY", _ris_type(paper)), ("ID", key), ("TI", plain(paper.title))]
    rows += [("AU", _ris_name(plain(author.name))) for author in paper.authors]
    parts = date_of(paper)
    if parts:
        rows.append(("PY", f"{parts[0]:04}"))
        rows.append(("DA", "/".join(f"{part:02}" for part in parts) + "/" * (4 - len(parts))))
    if paper.venue:
        rows.append(("T2" if is_conference(paper.venue) else "JO", plain(paper.venue)))
    rows += _ris_ids(ids_of(paper))
    rows += [("KW", category) for category in paper.categories]
    rows += [("N1", plain(paper.comment))] if paper.comment else []
    rows += [("AB", plain(paper.abstract))] if paper.abstract else []
    return "".join(
        f"{tag}  - {' '.join(value.split())}\r\n" for tag, value in (*rows, ("ER", "")) if value or tag == "ER"
    )


def _ris_type(paper: Paper) -> str:
    if not paper.venue:
        return "GEN"
    return "CPAPER" if is_conference(paper.venue) else "JOUR"


def _ris_name(name: str) -> str:
    family, given, suffix = split_name(name.replace(",", " "))
    return ", ".join(part for part in (family, given, suffix) if part)


def _ris_ids(ids: Ids) -> list[tuple[str, str]]:
    rows = [("DO", ids.doi)] if ids.doi else []
    rows += [("UR", ids.url)] if ids.url else []
    rows += [("AN", f"arXiv:{ids.arxiv}")] if ids.arxiv else []
    rows += [("UR", page_of("pubmed:" + ids.pubmed))] if ids.pubmed else []
    return rows + [("UR", page_of(id)) for id in ids.others]


# CSL-JSON -------------------------------------------------------------------------------------------------------


def _csl_text(key: str, paper: Paper) -> str:
    return orjson.dumps(_csl(key, paper), option=orjson.OPT_INDENT_2).decode()


def _csl(key: str, paper: Paper) -> dict[str, object]:
    ids = ids_of(paper)
    venue, parts = paper.venue or "", date_of(paper)
    item: dict[str, object] = {
        "id": key,
        "type": "article" if not venue else "paper-conference" if is_conference(venue) else "article-journal",
        "title": plain(paper.title),
        "author": [_csl_name(author) for author in paper.authors],
        "issued": {"date-parts": [parts]} if parts else None,
        "container-title": plain(venue),
        "abstract": plain(paper.abstract),
        "keyword": ", ".join(paper.categories),
        "DOI": ids.doi,
        "URL": ids.url,
        "PMID": ids.pubmed,
        "number": f"arXiv:{ids.arxiv}" if ids.arxiv else None,
        "publisher": "arXiv" if ids.arxiv and not venue else None,
        "note": "\n".join((*ids.others, plain(paper.comment or ""))).strip(),
    }
    return {name: value for name, value in item.items() if value}


def _csl_name(author: Author) -> dict[str, str]:
    name = plain(author.name)
    family, given, suffix = split_name(name)
    if not given or "," in name:
        return {"literal": name}
    parts = {"family": family, "given": given, "suffix": suffix}
    return {field: value for field, value in parts.items() if value}
