"""Templates and the few filters they use."""

import re
from collections.abc import Callable, Hashable, Iterable, Mapping
from datetime import UTC, datetime, tzinfo
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context, Macro
from markupsafe import Markup, escape

from broadsheet.library.access.secret import masked as masked_secret
from broadsheet.library.access.sessions import Visitor
from broadsheet.library.comments.notices import unseen
from broadsheet.library.digests.sign_up import takes_sign_ups
from broadsheet.library.shelf.held import held
from broadsheet.prose import to_html
from broadsheet.text import plain
from broadsheet.types import Reader
from broadsheet.web.access import library_of, visitor, visitor_if_told
from broadsheet.web.bounded import MOST_BYTES
from broadsheet.web.cards import anchor, as_written
from broadsheet.web.chart import name_of
from broadsheet.web.facets import facet_rows
from broadsheet.web.formats import alternates, formats
from broadsheet.web.formulas import typeset
from broadsheet.web.hits import hit_rows
from broadsheet.web.language import words_for
from broadsheet.web.links import licence_name
from broadsheet.web.names import ANNOUNCED, FLAGS, INDEXES, NAMES, ROLES, STATES, WAYS, called, source_name
from broadsheet.web.rows import BUTTONS, Form, Keyed, Rows
from broadsheet.web.translated import Translated
from broadsheet.words.catalogue import Words
from broadsheet.words.said import Said, said

PIECES: Final = 1_000
"""Pieces of pages that are remembered in each language, one to five kB each."""

_COMMAND: Final = re.compile("`([^`]+)`")

KEYS: Final = (
    ("j, k", said("next and previous paper")),
    ("o", said("open the paper")),
    *((key, label) for _, _, label, key in BUTTONS),
    ("z", said("undo what was done last")),
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
        auto_reload=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: with_code(words.say(value)) if isinstance(value, Said) else value,
    )
    made.policies["ext.i18n.trimmed"] = True
    made.code_generator_class = Translated
    install: Callable[..., None] = vars(made)["install_gettext_callables"]
    install(words.gettext, words.ngettext, newstyle=True)
    told = Markup("<dt><kbd>{}</kbd></dt><dd>{}</dd>\n")
    made.globals["keys"] = Markup("").join(told.format(key, words.say(what)) for key, what in KEYS)
    made.globals["kept"] = _keeping()
    made.globals.update(
        pages_of=pages_of, names=NAMES, announced=ANNOUNCED, role_names=ROLES, ways=WAYS, states=STATES, flags=FLAGS
    )
    made.globals.update(language=words.language, words=words, most_bytes=MOST_BYTES, indexes=INDEXES)
    made.globals.update(as_written=as_written(words), hit_rows=hit_rows(words), facet_rows=facet_rows(words))
    made.globals.update(alternates=alternates, formats=formats(words))
    made.filters.update(
        plain=plain,
        typeset=typeset,
        moment=moment,
        say=words.say,
        listed=words.listed,
        day=words.day,
        short_day=words.short_day,
        thousands=words.number,
        decimal=words.number,
        extension=extension,
        anchor=anchor,
        called=called,
        prose=prose,
        with_code=with_code,
        licence=licence_name,
        kind=name_of,
        source=source_name,
    )
    return made


def with_code(text: str) -> str:
    """A sentence whose commands, which stand between backticks, are shown as code."""
    return Markup(_COMMAND.sub(r"<code>\1</code>", str(escape(text)))) if "`" in text else text  # noqa: S704


def _keeping() -> Callable[..., str]:
    """A function that calls a macro whose HTML follows from `root` and what it is given alone, and remembers it."""
    known: dict[tuple[Hashable, ...], str] = {}

    @pass_context
    def kept(context: Context, macro: Macro, *given: Hashable) -> str:
        key = (macro.name, context["root"], *given)
        made = known.get(key)
        if made is None:
            made = macro(*given)
            if len(known) >= PIECES:
                known.clear()
            known[key] = made
        return made

    return kept


def page(request: Request, template: str, shows: Iterable[Keyed] = (), here: str = "", **values: object) -> str:
    """The HTML of a template, its links under the path that this instance is served at, its forms the visitor's own.

    `shows`: the papers that the visitor can mark on it. `here`: its own address, where that asked for is of a piece.
    """
    is_error = template == "error.html"
    who = visitor_if_told(request) if is_error else visitor(request)
    csrf = _csrf_field(masked_secret(who.session.csrf) if who.session else "")
    root = request.scope.get("root_path", "")
    here = here or request.url.path.removeprefix(root) + (f"?{request.url.query}" if request.url.query else "")
    words, lib, keys = words_for(request, who), library_of(request), [paper.key for paper in shows]
    news = unseen(lib, who.reader) if who.reader and not is_error else 0
    own = held(lib, who.reader, keys) if who.reader and keys else None
    given = {
        "root": root,
        "news": news,
        "here": here,
        "who": who,
        "sign_ups": takes_sign_ups(lib),
        "csrf_field": csrf,
        "held": own,
        "rows": Rows(words, Form(root, csrf, here), own),
        "time_zone": _zone(request, who),
    } | values
    return _environment(words).get_template(template).render(given)


def _csrf_field(csrf: str) -> Markup:
    """What every form carries."""
    return Markup(f'<input type="hidden" name="csrf" value="{escape(csrf)}">')  # noqa: S704 - it is escaped


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
