"""Papers as a list in Markdown, for people to read."""

import re
from collections.abc import Iterable

from broadsheet.cite.fields import date_of, ids_of
from broadsheet.text import plain
from broadsheet.types import Paper


def to_markdown(papers: Iterable[Paper], title: str, note: str = "") -> str:
    """A heading and a line for each paper, in their order: title with its page, authors, venue, year."""
    head = [f"# {_as_it_is(title)}", *([note] if note else [])]
    return "\n\n".join([*head, "\n".join(map(_line, papers))]).rstrip() + "\n"


def _line(paper: Paper) -> str:
    ids, names = ids_of(paper), [plain(author.name) for author in paper.authors]
    told = ", ".join(names[:3]) + (" et al." if len(names) > 3 else "")
    year = "".join(map(str, date_of(paper)[:1]))
    rest = ". ".join(_as_it_is(part.rstrip(".")) for part in (told, plain(paper.venue or ""), year) if part)
    title = _as_it_is(plain(paper.title))
    url = (ids.url or "").replace("(", "%28").replace(")", "%29").replace(" ", "%20")
    return f"- [{title}]({url}). {rest}" if url else f"- {title}. {rest}"


def _as_it_is(text: str) -> str:
    """Text that Markdown shows as it is, on one line."""
    return re.sub(r"([\\`*_{}\[\]<>#|])", r"\\\1", " ".join(text.split()))
