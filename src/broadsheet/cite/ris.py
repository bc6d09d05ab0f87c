"""A paper in RIS, its texts readable."""

from broadsheet.cite.fields import Ids, date_of, ids_of, is_conference, page_of, split_name
from broadsheet.text import plain
from broadsheet.types import Paper


def entry(key: str, paper: Paper) -> str:
    """The entry of a paper, with the line ends that the format asks for."""
    rows = [("TY", _type(paper)), ("ID", key), ("TI", plain(paper.title))]
    rows += [("AU", _name(plain(author.name))) for author in paper.authors]
    parts = date_of(paper)
    if parts:
        rows.append(("PY", f"{parts[0]:04}"))
        rows.append(("DA", "/".join(f"{part:02}" for part in parts) + "/" * (4 - len(parts))))
    if paper.venue:
        rows.append(("T2" if is_conference(paper.venue) else "JO", plain(paper.venue)))
    rows += _ids(ids_of(paper))
    rows += [("KW", category) for category in paper.categories]
    rows += [("N1", plain(paper.comment))] if paper.comment else []
    rows += [("AB", plain(paper.abstract))] if paper.abstract else []
    return "".join(
        f"{tag}  - {' '.join(value.split())}\r\n" for tag, value in (*rows, ("ER", "")) if value or tag == "ER"
    )


def _type(paper: Paper) -> str:
    if not paper.venue:
        return "GEN"
    return "CPAPER" if is_conference(paper.venue) else "JOUR"


def _name(name: str) -> str:
    family, given, suffix = split_name(name.replace(",", " "))
    return ", ".join(part for part in (family, given, suffix) if part)


def _ids(ids: Ids) -> list[tuple[str, str]]:
    rows = [("DO", ids.doi)] if ids.doi else []
    rows += [("UR", ids.url)] if ids.url else []
    rows += [("AN", f"arXiv:{ids.arxiv}")] if ids.arxiv else []
    rows += [("UR", page_of("pubmed:" + ids.pubmed))] if ids.pubmed else []
    return rows + [("UR", page_of(id)) for id in ids.others]
