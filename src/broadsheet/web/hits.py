"""The hits of a search as HTML: what every list says of a paper, the passage that was found, and why.

Joined here and not by a template for the same reason as in `rows`.
"""

from collections.abc import Mapping
from typing import Any, Final

from markupsafe import Markup, escape

from broadsheet.text import plain
from broadsheet.types import Hit
from broadsheet.web.rows import Rows
from broadsheet.words.catalogue import Words
from broadsheet.words.said import counted, said

BY_WORDS: Final = said("Of each word: how much it adds, more for rare words and for titles.")
NEWEST_FIRST: Final = said("It meets all conditions, and the newest come first.")
VOTED_FIRST: Final = said("It meets all conditions, and those with most votes come first.")
NEAR: Final = said("near in meaning")
PLACE: Final = said("its place")
WHY: Final = said("Why")


def hit_row(words: Words, rows: Rows, hit: Hit, rank: int) -> Markup:
    """A hit in a list of them."""
    card, votes = rows.card(hit.paper), hit.why.get("votes")
    told = f"{escape(words.say(counted('%(num)s vote', '%(num)s votes', votes)))} " if isinstance(votes, int) else ""
    return Markup(  # noqa: S704 - all pieces are escaped
        f'{rows.opened(hit.paper, rank)}<p class="abstract"{rows.as_written}>{marked(hit.snippet)}</p>\n'
        f'<p class="meta">{told}{card.categories} {card.links}</p>\n'
        f'<div class="under">{rows.marks(hit.paper)}{_reasons(words, hit)}</div></li>\n'
    )


def marked(snippet: str) -> Markup:
    """A snippet as HTML: all of it escaped but the marks around the words that were found."""
    whole = f"{snippet[:-2]}\u00a0…" if snippet.endswith(" …") else snippet  # the dots on no line of their own
    safe = str(escape(whole))
    return Markup(safe.replace("&lt;mark&gt;", "<mark>").replace("&lt;/mark&gt;", "</mark>"))  # noqa: S704 - see above


def _reasons(words: Words, hit: Hit) -> Markup:
    """Why it was found, to be opened: what each word adds, and what meaning does."""
    name = escape(words.say(said("Why %(title)s was found", title=plain(hit.paper.title))))
    rows = "".join(f"<dt>{escape(what)}</dt><dd>{escape(much)}</dd>" for what, much in _shares(words, hit.why))
    hint = _hint(hit.why)
    return Markup(  # noqa: S704 - as above
        f'<details class="found-by"><summary aria-label="{name}">{escape(words.say(WHY))}</summary>'
        f"<dl>{rows}</dl>{f'<p>{escape(words.say(hint))}</p>' if hint else ''}</details>\n"
    )


def _shares(words: Words, why: Mapping[str, Any]) -> list[tuple[str, str]]:
    shares = [(str(row["word"]), words.number(row["weight"], "0.00")) for row in why["words"]]
    if why["cosine"] is not None:
        near = words.say(said("%(near)s of 1", near=words.number(why["cosine"], "0.00")))
        shares.append((words.say(NEAR), near))
    if why["lexical"] and why["semantic"]:
        by_words, by_meaning = (words.number(why[part], "0 %") for part in ("lexical", "semantic"))
        both = said("%(words)s by words, %(meaning)s by meaning", words=by_words, meaning=by_meaning)
        shares.append((words.say(PLACE), words.say(both)))
    return shares


def _hint(why: Mapping[str, Any]) -> str:
    if why["words"]:
        return BY_WORDS
    if why["cosine"] is None:
        return VOTED_FIRST if "votes" in why else NEWEST_FIRST
    return ""
