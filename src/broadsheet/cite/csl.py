"""A paper in CSL-JSON, its texts readable."""

import orjson

from broadsheet.cite.fields import date_of, ids_of, is_conference, split_name
from broadsheet.text import plain
from broadsheet.types import Author, Paper


def entry(key: str, paper: Paper) -> str:
    """The item of a paper as text."""
    return orjson.dumps(_item(key, paper), option=orjson.OPT_INDENT_2).decode()


def _item(key: str, paper: Paper) -> dict[str, object]:
    ids = ids_of(paper)
    venue, parts = paper.venue or "", date_of(paper)
    item: dict[str, object] = {
        "id": key,
        "type": "article" if not venue else "paper-conference" if is_conference(venue) else "article-journal",
        "title": plain(paper.title),
        "author": [_name(author) for author in paper.authors],
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


def _name(author: Author) -> dict[str, str]:
    name = plain(author.name)
    family, given, suffix = split_name(name)
    if not given or "," in name:
        return {"literal": name}
    parts = {"family": family, "given": given, "suffix": suffix}
    return {field: value for field, value in parts.items() if value}
