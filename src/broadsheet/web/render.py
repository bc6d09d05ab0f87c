"""Templates and the few filters they use."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, tzinfo
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from broadsheet.library.access.secret import masked as masked_secret
from broadsheet.library.access.sessions import NOBODY, Visitor
from broadsheet.library.notices import unseen
from broadsheet.prose import to_html
from broadsheet.text import plain
from broadsheet.types import Reader
from broadsheet.web.access import library_of
from broadsheet.web.bounded import MOST_BYTES
from broadsheet.web.cards import anchor, cards
from broadsheet.web.chart import name_of, source_name
from broadsheet.web.formulas import typeset
from broadsheet.web.language import words_for
from broadsheet.web.links import licence_name
from broadsheet.web.marks import BUTTONS, NO_SHELF, Shelf, mark_buttons
from broadsheet.web.names import NAMES, ROLES, STATES, WAYS
from broadsheet.words.catalogue import SOURCE, Words
from broadsheet.words.said import Said, said

AS_WRITTEN: Final = Markup(' lang="en"')
"""Of titles and abstracts, which stay English on a page in another language, so that they are read aloud as such."""

KEYS: Final = (
    ("j, k", said("next and previous paper")),
    ("o", said("open the paper")),
    *((key, label) for _, _, label, key in BUTTONS),
    ("z", said("take the last mark back")),
    ("n", said("write a note on the paper")),
    ("/", said("search")),
    ("[, ]", said("earlier and later")),
    ("g t", said("today")),
    ("g r", said("trending")),
    ("g m", said("for you")),
    ("g c", said("collections")),
    ("g q", said("saved searches")),
    ("g i", said("interests")),
    ("g d", said("digests")),
    ("g f", said("feeds")),
    ("g s", said("status")),
    ("g e", said("settings")),
    ("?", said("these keys")),
)


@cache
def _environment(words: Words) -> Environment:
    """The templates in one language. What `said` and `counted` made is said in it wherever it stands."""
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        extensions=["jinja2.ext.i18n"],
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: words.say(value) if isinstance(value, Said) else value,
    )
    made.policies["ext.i18n.trimmed"] = True
    install: Callable[..., None] = vars(made)["install_gettext_callables"]
    install(words.gettext, words.ngettext, newstyle=True)
    made.globals.update(keys=KEYS, pages_of=pages_of, names=NAMES, role_names=ROLES, ways=WAYS, states=STATES)
    made.globals.update(language=words.language, words=words, most_bytes=MOST_BYTES)
    made.globals["as_written"] = "" if words.language == SOURCE else AS_WRITTEN
    made.globals.update(card_of=cards(words), mark_buttons=mark_buttons(words))
    made.filters.update(
        plain=plain,
        typeset=typeset,
        marked=marked,
        moment=moment,
        say=words.say,
        listed=words.listed,
        day=words.day,
        short_day=words.short_day,
        thousands=words.number,
        decimal=words.number,
        extension=extension,
        anchor=anchor,
        prose=prose,
        licence=licence_name,
        kind=name_of,
        source=source_name,
    )
    return made


def page(request: Request, template: str, **values: object) -> str:
    """The HTML of a template, its links under the path that this instance is served at, its forms the visitor's own."""
    who: Visitor = getattr(request.state, "visitor", NOBODY)
    csrf = masked_secret(who.session.csrf) if who.session else ""
    root = request.scope.get("root_path", "")
    here = request.url.path.removeprefix(root) + (f"?{request.url.query}" if request.url.query else "")
    # An error must be told also where the library cannot be read.
    news = unseen(library_of(request), who.reader) if who.reader and template != "error.html" else 0
    shelf: Shelf = getattr(request.state, "shelf", NO_SHELF)
    given = {
        "root": root,
        "news": news,
        "here": here,
        "who": who,
        "csrf": csrf,
        "marked": {},
        "shelf": shelf,
        "time_zone": _zone(request, who),
    } | values
    return _environment(words_for(request, who)).get_template(template).render(given)


def _zone(request: Request, who: Visitor) -> tzinfo:
    name = (who.reader.zone if who.reader else "") or library_of(request).settings.timezone
    return ZoneInfo(name) if name else UTC


@pass_context
def moment(context: Context, when: datetime | str | None) -> str:
    """A time for people, in their zone and to the minute."""
    words: Words = context["words"]
    if not when:
        return words.gettext("never")
    at = datetime.fromisoformat(when) if isinstance(when, str) else when
    return words.moment(at, context["time_zone"])


def again_soon(wanted: bool) -> dict[str, str]:
    """The header by which a page that shows work under way, and has no form to lose, loads itself again."""
    return {"Refresh": "3"} if wanted else {}


def marked(snippet: str) -> Markup:
    """A snippet as HTML: all of it escaped but the marks around the words that were found."""
    safe = str(escape(snippet))
    return Markup(safe.replace("&lt;mark&gt;", "<mark>").replace("&lt;/mark&gt;", "</mark>"))  # noqa: S704 - escaped above


def prose(text: str, people: Mapping[str, str] | None = None) -> Markup:
    """What a reader wrote, its formulas as MathML."""
    return to_html(text, people, lambda tex: typeset(f"${tex}$"))


def pages_of(readers: Iterable[Reader], root: str) -> dict[str, str]:
    """The addresses of the pages of readers, by name."""
    return {reader.name: f"{root}/by/{quote(reader.name)}" for reader in readers}


def extension(url: str, wanted: str) -> str:
    """The address of a list in another format."""
    path, mark, query = url.partition("?")
    return f"{path.rpartition('.')[0]}.{wanted}{mark}{query}"
