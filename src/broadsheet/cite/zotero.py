"""A paper as an item of a Zotero library, as its Web API (version 3) takes it; and which paper an item is. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from broadsheet.cite.fields import date_of, ids_of, is_conference, split_name
from broadsheet.text import canonical_id, plain
from broadsheet.types import Author, Paper

Item = dict[str, Any]

_PLACES = {"preprint": "repository", "conferencePaper": "proceedingsTitle", "journalArticle": "publicationTitle"}


def to_zotero(paper: Paper, collection: str) -> Item:
    """The item, in the collection with this key: a preprint where no venue is known."""
    ids, venue = ids_of(paper), plain(paper.venue or "")
    kind = "preprint" if not venue else "conferencePaper" if is_conference(venue) else "journalArticle"
    fields: Item = {
        "itemType": kind,
        "title": plain(paper.title),
        "creators": [_creator(author) for author in paper.authors],
        "abstractNote": plain(paper.abstract),
        "date": "-".join(f"{part:02}" for part in date_of(paper)),
        "DOI": ids.doi or "",
        "url": ids.url or "",
        _PLACES[kind]: venue or ("arXiv" if ids.arxiv else ""),
        "extra": f"arXiv: {ids.arxiv}" if ids.arxiv and venue else "",
        "tags": [{"tag": category, "type": 1} for category in paper.categories],
        "collections": [collection],
    }
    if kind == "preprint" and ids.arxiv:
        fields["archiveID"] = f"arXiv:{ids.arxiv}"
    return {name: value for name, value in fields.items() if value}


def ids_in(item: Mapping[str, Any]) -> Iterator[str]:
    """The ids that the fields of an item name, in the form that papers have them."""
    for field in ("DOI", "archiveID", "url"):
        found = canonical_id(str(item.get(field) or ""))
        if found:
            yield found
    for line in str(item.get("extra") or "").splitlines():
        name, _, value = line.partition(":")
        if name.strip().lower() in ("arxiv", "doi", "pmid") and (found := canonical_id(f"{name}:{value.strip()}")):
            yield found


def _creator(author: Author) -> dict[str, str]:
    name = plain(author.name)
    family, given, suffix = split_name(name)
    if not given or "," in name:
        return {"creatorType": "author", "name": name}
    return {"creatorType": "author", "lastName": " ".join(filter(None, (family, suffix))), "firstName": given}
