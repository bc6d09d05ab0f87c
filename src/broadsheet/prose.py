"""What readers write, as HTML: Markdown without headings, pictures and HTML of its own, and then made safe once more.

Two guards, as a fault of one must not become a hole: the parser passes no HTML on, and nh3 lets only a short list of
elements through. Links lead away without telling where from, and tell search engines nothing. A formula between dollars
is made by the caller and put in after that.
"""

import re
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from functools import cache, lru_cache
from typing import Final

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markupsafe import Markup, escape

_ELEMENTS: Final = frozenset(
    "a blockquote br code del em hr li ol p pre s strong table tbody td th thead tr ul".split()  # noqa: SIM905
)
MENTION: Final = re.compile(r"(?<![\w@/.])@([a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9_-])?)", re.IGNORECASE)
"""A reader's name after an `@`; a point at its end is the sentence's."""

_TEX: Final = re.compile(r"\$(?=[^\s$])([^$\n]{1,600})(?<=\S)\$(?!\d)")  # not `$5 and $6`
_MARKS: Final = re.compile("[\ue000\ue001]")
_PLACE: Final = re.compile("\ue000(\\d+)\ue001")


def to_html(
    text: str, people: Mapping[str, str] | None = None, formula: Callable[[str], Markup] | None = None
) -> Markup:
    """The HTML of a comment or note. `people`: addresses of the pages of readers who may be named, by name.

    `formula`: makes safe HTML of TeX; without it formulas stay as they are written.
    """
    parser = _parser()
    tokens = parser.parse(_MARKS.sub("", text))
    found: dict[str, list[str]] = {"formulas": []}
    if people:
        for token in tokens:
            if token.type == "inline" and token.children:
                token.children = list(_linked(token.children, people))
    html = nh3.clean(
        parser.renderer.render(tokens, parser.options, found),
        tags=set(_ELEMENTS),
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )
    made = [formula(tex) if formula else escape(f"${tex}$") for tex in found["formulas"]]
    return Markup(_PLACE.sub(lambda place: made[int(place[1])], html))  # noqa: S704 - nh3 made it


@lru_cache(4_096)
def mentioned(text: str) -> tuple[str, ...]:
    """The names after an `@` in a text, each once, in lower case; those in code and links are none."""
    names: dict[str, None] = {}
    if "@" not in text:
        return ()
    for token in _parser().parse(text):
        for child, depth in _in_links(token.children or ()):
            if child.type == "text" and not depth:
                names |= dict.fromkeys(name.lower() for name in MENTION.findall(child.content))
    return tuple(names)


def renamed(text: str, before: str, after: str) -> str:
    """A text in which who was named `@before` is `@after`."""
    if before not in mentioned(text):
        return text
    return MENTION.sub(lambda found: f"@{after}" if found[1].lower() == before else found[0], text)


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": True, "breaks": True})
    parser.inline.ruler.before("escape", "formula", _formula)
    parser.add_render_rule("formula", _place_of)
    return parser.enable(["linkify", "strikethrough", "table"]).disable(["image", "heading", "lheading"])


def _formula(state: StateInline, silent: bool) -> bool:
    """TeX between dollars; what stands in it is no Markdown."""
    found = _TEX.match(state.src, state.pos)
    if found is None:
        return False
    if not silent:
        state.push("formula", "", 0).content = found[1]
    state.pos = found.end()
    return True


def _place_of(
    _renderer: object, tokens: Sequence[Token], at: int, _options: object, env: MutableMapping[str, list[str]]
) -> str:
    """A mark in the place of a formula, which nh3 passes on as text."""
    env["formulas"].append(tokens[at].content)
    return f"\ue000{len(env['formulas']) - 1}\ue001"


def _in_links(children: Iterator[Token] | list[Token] | tuple[Token, ...]) -> Iterator[tuple[Token, int]]:
    """Each token with how many links it is inside of."""
    depth = 0
    for child in children:
        depth += (child.type == "link_open") - (child.type == "link_close")
        yield child, depth


def _linked(children: list[Token], people: Mapping[str, str]) -> Iterator[Token]:
    for child, depth in _in_links(children):
        if child.type != "text" or depth:
            yield child
            continue
        at = 0
        for found in MENTION.finditer(child.content):
            address = people.get(found[1].lower())
            if address is None:
                continue
            yield Token("text", "", 0, content=child.content[at : found.start()])
            yield Token("link_open", "a", 1, attrs={"href": address})
            yield Token("text", "", 0, content=found[0])
            yield Token("link_close", "a", -1)
            at = found.end()
        yield Token("text", "", 0, content=child.content[at:])
