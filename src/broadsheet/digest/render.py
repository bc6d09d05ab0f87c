"""A digest as a mail: subject, the line that inboxes show beside it, HTML, and a text part that is read as well. Pure.

The HTML needs no image and no style sheet: what mail programs understand is written at each element, and what only
some do (dark colours) is left in the head.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import count
from pathlib import Path
from typing import Final
from urllib.parse import quote

from css_inline import CSSInliner
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from broadsheet.digest.content import Content
from broadsheet.digest.plain_text import digest_text, notice_text
from broadsheet.words.catalogue import Words
from broadsheet.words.said import said

BUTTONS: Final = (
    ("up", "△", said("More")),
    ("down", "▽", said("Less")),
    ("save", "☆", said("Save")),
    ("hide", "✕", said("Hide")),
)
"""Kind of the mark, sign and label of each link under a paper."""

LONGEST_SUBJECT: Final = 78
"""Characters; inboxes show fewer, and RFC 5322 would fold more."""

LONGEST_NOTICE: Final = 120
"""Of a subject that names a paper."""

_FILLER: Final = Markup("&#847;&zwnj;&nbsp;\n") * 60
"""What keeps the text of the mail itself out of the line beside the subject."""

_TEMPLATES: Final = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class Links:
    """Where a mail leads. `papers`: what the address of each paper's page begins with; `acts`: whether there are links
    that mark papers.
    """

    page: str
    settings: str
    unsubscribe: str
    papers: str
    acts: bool = True

    def act(self, kind: str, number: int) -> str:
        """What marks the paper with this number."""
        return f"{self.page}/{kind}/{number}"


@dataclass(frozen=True, slots=True)
class Rendered:
    """A mail's parts."""

    subject: str
    preheader: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Notice:
    """A mail that asks for one click: a sentence, a button, and what to do if it was not asked for."""

    subject: str
    sentence: str
    button: str
    link: str
    otherwise: str


def render(content: Content, links: Links, *, name: str, because: str, words: Words) -> Rendered:
    """A digest's mail. `name` is what the instance is called, `because` says why the reader gets it."""
    subject, preheader = subject_of(content, words), preheader_of(content)
    heading, because = words.say(heading_of(content)), words.say(because)
    given = {
        "subject": subject,
        "preheader": preheader,
        "filler": _FILLER,
        "name": name,
        "heading": heading,
        "content": content,
        "links": links,
        "card": lambda item: _card(item.key, item.title, item.authors, item.text, links.papers, words),
        "places": lambda item: _links(item.links, item.categories, words),
        "acts": lambda number: _acts(number, words).replace("%page%", escape(links.page)),
        "footing": because,
    }
    text = digest_text(content, links.page, links.unsubscribe, f"{name} · {heading}", because, words)
    return Rendered(subject, preheader, text, _html("digest.html", given, words))


def render_notice(notice: Notice, *, name: str, home: str, words: Words) -> Rendered:
    """The mail of a notice."""
    fields = ("subject", "sentence", "button", "link", "otherwise")
    told = {field: words.say(getattr(notice, field)) for field in fields}
    text = notice_text(told["sentence"], told["link"], told["otherwise"])
    html = _html("notice.html", {**told, "name": name, "home": home}, words)
    return Rendered(told["subject"][:LONGEST_NOTICE], told["sentence"], text, html)


def subject_of(content: Content, words: Words) -> str:
    """The first paper and how many there are besides; or that there is nothing."""
    titles = [item.title for item in content.items]
    if not titles:
        return words.say(said("Nothing new: %(heading)s", heading=heading_of(content)))
    more = len(titles) - 1
    rest = " " + words.say(said("+ %(more)s more", more=more)) if more else ""
    week = words.say(said("Week %(week)s:", week=f"{content.day:%V}")) + " " if "W" in content.edition else ""
    return week + _shortened(titles[0], LONGEST_SUBJECT - len(rest) - len(week)) + rest


def preheader_of(content: Content) -> str:
    """How many papers of which section, then the titles that the subject does not name."""
    counts = [f"{len(s.items)} {s.title[:1].lower()}{s.title[1:]}" for s in content.sections if s.items]
    titles = [item.title for item in content.items][1:4]
    return " · ".join([", ".join(counts), *titles]) if counts else content.note or ""


def heading_of(content: Content) -> str:
    """`Friday, 20 November 2026`, or `Week 47, until Friday, 20 November 2026`."""
    if "W" in content.edition:
        return said("Week %(week)s, until %(day)s", week=f"{content.day:%V}", day=content.day)
    return said("%(day)s", day=content.day)


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rsplit(" ", 1)[0].rstrip(" ,:;") + "…"


def _html(template: str, given: Mapping[str, object], words: Words) -> str:
    """In ASCII, so that the mail needs no coding in which each line and sign is longer."""
    made = _environment(words).get_template(template).render(given)
    return made.encode("ascii", "xmlcharrefreplace").decode()


@lru_cache(maxsize=4096)
def _card(key: str, title: str, authors: str, text: str, papers: str, words: Words) -> Markup:
    """A paper, whose link acts for nobody: the same in many mails, whatever it is there for."""
    given = {"page": papers + quote(key, safe=":/"), "title": title, "authors": authors, "text": text}
    return Markup(_environment(words).get_template("card.html").render(given))  # noqa: S704 - escaped there


@lru_cache(maxsize=4096)
def _links(links: tuple[tuple[str, str], ...], categories: tuple[str, ...], words: Words) -> Markup:
    """Where else the paper is."""
    return Markup(_environment(words).get_template("links.html").render(links=links, categories=categories))  # noqa: S704 - as before


@lru_cache(maxsize=256)
def _acts(number: int, words: Words) -> Markup:
    """The links that mark a paper, each of which begins with `%page%`."""
    return Markup(_environment(words).get_template("acts.html").render(number=number, buttons=BUTTONS))  # noqa: S704


@cache
def _environment(words: Words) -> Environment:
    made = Environment(
        loader=_InlineStyles(_TEMPLATES),
        extensions=["jinja2.ext.i18n"],
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=words.say,
    )
    install: Callable[..., None] = vars(made)["install_gettext_callables"]
    install(words.gettext, words.ngettext, newstyle=True)
    made.globals["language"] = words.language
    return made


class _InlineStyles(FileSystemLoader):
    """Templates with the rules of `mail.css` at each element: written there once, and not into each mail anew."""

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        source, path, is_fresh = super().get_source(environment, template)
        return _inlined(source), path, is_fresh


_TAGS: Final = re.compile(r"{%.*?%}|{{.*?}}", re.DOTALL)


def _inlined(source: str) -> str:
    """A template with its styles at its elements; what is Jinja's stands as comments and words meanwhile."""
    tags = _TAGS.findall(source)
    numbers = count()
    held = _TAGS.sub(lambda tag: f"<!--%{next(numbers)}%-->" if tag[0][1] == "%" else f"%{next(numbers)}%", source)
    css = (_TEMPLATES / "mail.css").read_text(encoding="utf-8")
    inliner = CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)
    if "</head>" in held:
        made = inliner.inline(held.replace("</head>", f"<style>{css}</style>\n</head>"))
    else:
        made = inliner.inline_fragment(held, css)
    return re.sub(r"<!--%(\d+)%-->|%(\d+)%", lambda held: tags[int(held[1] or held[2])], made)
