"""Templates and the few filters they use."""

import re
from collections.abc import Iterable
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import quote

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from broadsheet.library.access.sessions import NOBODY, Visitor
from broadsheet.library.notices import unseen
from broadsheet.prose import to_html
from broadsheet.text import plain
from broadsheet.types import Reader
from broadsheet.web.access import library_of
from broadsheet.web.chart import name_of, source_name
from broadsheet.web.formulas import typeset
from broadsheet.web.links import licence_name
from broadsheet.web.marks import BUTTONS, NO_SHELF, Shelf

KEYS: Final = (
    ("j, k", "next and previous paper"),
    ("o", "open the paper"),
    *((key, label) for _, _, label, key in BUTTONS),
    ("n", "write a note"),
    ("/", "search"),
    ("[, ]", "earlier and later"),
    ("g t", "today"),
    ("g r", "trending"),
    ("g m", "for you"),
    ("g c", "collections"),
    ("g i", "interests"),
    ("g f", "feeds"),
    ("g s", "status"),
    ("?", "these keys"),
)


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(buttons=BUTTONS, keys=KEYS, pages_of=pages_of)
    made.filters.update(
        plain=plain,
        typeset=typeset,
        marked=marked,
        longday=longday,
        moment=moment,
        thousands=lambda n: f"{n:,}",
        extension=extension,
        anchor=anchor,
        prose=to_html,
        licence=licence_name,
        kind=name_of,
        source=source_name,
    )
    return made


def page(request: Request, template: str, **values: object) -> str:
    """The HTML of a template, its links under the path that this instance is served at, its forms the visitor's own."""
    who: Visitor = getattr(request.state, "visitor", NOBODY)
    csrf = who.session.csrf if who.session else ""
    root = request.scope.get("root_path", "")
    here = request.url.path.removeprefix(root) + (f"?{request.url.query}" if request.url.query else "")
    # An error must be told also where the library cannot be read.
    news = unseen(library_of(request), who.reader) if who.reader and template != "error.html" else 0
    shelf: Shelf = getattr(request.state, "shelf", NO_SHELF)
    given = {"root": root, "news": news, "here": here, "who": who, "csrf": csrf, "marked": {}, "shelf": shelf} | values
    return _environment().get_template(template).render(given)


def again_soon(wanted: bool) -> dict[str, str]:
    """The header by which a page that shows work under way, and has no form to lose, loads itself again."""
    return {"Refresh": "3"} if wanted else {}


def marked(snippet: str) -> Markup:
    """A snippet as HTML: all of it escaped but the marks around the words that were found."""
    safe = str(escape(snippet))
    return Markup(safe.replace("&lt;mark&gt;", "<mark>").replace("&lt;/mark&gt;", "</mark>"))  # noqa: S704 - escaped above


def longday(day: date) -> str:
    """`Thursday, 20 November 2025`."""
    return f"{day:%A}, {day.day} {day:%B} {day.year}"


def moment(when: datetime | None) -> str:
    """A time for people, in UTC and to the minute."""
    return f"{when:%Y-%m-%d %H:%M} UTC" if when else "never"


def pages_of(readers: Iterable[Reader], root: str) -> dict[str, str]:
    """The addresses of the pages of readers, by name."""
    return {reader.name: f"{root}/by/{quote(reader.name)}" for reader in readers}


def anchor(key: str) -> str:
    """The name of a paper's place on a page."""
    return "p-" + re.sub(r"[^A-Za-z0-9]+", "-", key)


def extension(url: str, wanted: str) -> str:
    """The address of a list in another format."""
    path, mark, query = url.partition("?")
    return f"{path.rpartition('.')[0]}.{wanted}{mark}{query}"
