"""Links to a list in its other formats: to programs that look for feeds, and to people."""

from collections.abc import Callable
from typing import Final

from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from broadsheet.words.catalogue import Words
from broadsheet.words.said import said

FEEDS: Final = (("application/atom+xml", "atom"), ("application/rss+xml", "rss"), ("application/feed+json", "json"))
OFFERED: Final = (("atom", said("Feed")), ("bib", "BibTeX"), ("ris", "RIS"))


@pass_context
def alternates(context: Context, path: str, query: str, title: str) -> Markup:
    """The feeds of a list, for the head of its page."""
    start, rest, told = escape(f"{context['root']}{path}."), escape(query), escape(title)
    rows = (
        f'  <link rel="alternate" type="{kind}" title="{told}" href="{start}{name}{rest}">\n' for kind, name in FEEDS
    )
    return Markup("".join(rows))  # noqa: S704 - all pieces are escaped


def formats(words: Words) -> Callable[[Context, str, str], Markup]:
    """What makes the links to a list as a feed and as citations, in one language."""
    offered = [(extension, escape(words.say(name))) for extension, name in OFFERED]

    @pass_context
    def row(context: Context, path: str, query: str) -> Markup:
        start, rest = escape(f"{context['root']}{path}."), escape(query)
        links = " · ".join(f'<a href="{start}{extension}{rest}">{name}</a>' for extension, name in offered)
        return Markup(f'<span class="formats">{links}</span>\n')  # noqa: S704 - as above

    return row
