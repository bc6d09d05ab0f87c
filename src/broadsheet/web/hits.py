"""The hits of a search as HTML: what every list says of a paper, the passage that was found, and why.

Joined here and not by a template for the same reason as in `rows`.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

from markupsafe import Markup, escape

from broadsheet.text import plain
from broadsheet.types import Hit
from broadsheet.web.cards import REMEMBERED
from broadsheet.web.rows import Rows
from broadsheet.words.catalogue import Words
from broadsheet.words.said import counted, said

BY_WORDS: Final = said("Of each word: how much it adds, more for rare words and for titles.")
NEWEST_FIRST: Final = said("It meets all conditions, and the newest come first.")
VOTED_FIRST: Final = said("It meets all conditions, and those with most votes come first.")
NEAR: Final = said("near in meaning")
PLACE: Final = said("its place")
WHY: Final = said("Why")


def hit_rows(words: Words) -> Callable[[Rows, Iterable[Hit], int], Markup]:
    """What makes a list of hits in one language, the first at this place of the whole order."""
    reasons = _reasons(words)

    def row(rows: Rows, hit: Hit, rank: int) -> str:
        card, votes = rows.card(hit.paper), hit.why.get("votes")
        told = words.say(counted("%(num)s vote", "%(num)s votes", votes)) + " " if isinstance(votes, int) else ""
        return (
            f'  {rows.opened(hit.paper, rank)}<p class="abstract"{rows.as_written}>{marked(hit.snippet)}</p>\n'
            f'<p class="meta">{escape(told) if told else ""}{card.categories} {card.links}</p>\n'
            f'<div class="under">{rows.marks(hit.paper)}{reasons(hit)}</div></li>\n\n'
        )

    def listed(rows: Rows, hits: Iterable[Hit], first: int) -> Markup:
        return Markup("".join(row(rows, hit, rank) for rank, hit in enumerate(hits, first)))  # noqa: S704 - all is escaped

    return listed


def marked(snippet: str) -> Markup:
    """A snippet as HTML: all of it escaped but the marks around the words that were found."""
    whole = f"{snippet[:-2]}\u00a0…" if snippet.endswith(" …") else snippet  # the dots on no line of their own
    safe = str(escape(whole))
    return Markup(safe.replace("&lt;mark&gt;", "<mark>").replace("&lt;/mark&gt;", "</mark>"))  # noqa: S704 - see above


def _reasons(words: Words) -> Callable[[Hit], str]:
    """What says why a hit was found, to be opened: what each word adds, and what meaning does."""
    summary = escape(words.say(WHY))
    hints = {hint: f"<p>{escape(words.say(hint))}</p>" for hint in (BY_WORDS, NEWEST_FIRST, VOTED_FIRST)} | {"": ""}

    label = lru_cache(REMEMBERED)(escape)

    @lru_cache(REMEMBERED)
    def name(title: str) -> Markup:
        return escape(words.say(said("Why %(title)s was found", title=plain(title))))

    @lru_cache
    def near(cosine: float) -> str:
        told = words.say(said("%(near)s of 1", near=words.number(cosine, "0.00")))
        return _row(words.say(NEAR), told)

    @lru_cache
    def place(lexical: float, semantic: float) -> str:
        by_words, by_meaning = (words.number(share, "0 %") for share in (lexical, semantic))
        both = said("%(words)s by words, %(meaning)s by meaning", words=by_words, meaning=by_meaning)
        return _row(words.say(PLACE), words.say(both))

    def shares(why: Mapping[str, Any]) -> str:
        rows = [f"<dt>{label(row['word'])}</dt><dd>{words.number(row['weight'], '0.00')}</dd>" for row in why["words"]]
        if why["cosine"] is not None:
            rows.append(near(round(why["cosine"], 2)))
        if why["lexical"] and why["semantic"]:
            rows.append(place(round(why["lexical"], 2), round(why["semantic"], 2)))
        return "".join(rows)

    def reasons(hit: Hit) -> str:
        return (
            f'<details class="found-by"><summary aria-label="{name(hit.paper.title)}">{summary}</summary>'
            f"<dl>{shares(hit.why)}</dl>{hints[_hint(hit.why)]}</details>\n"
        )

    return reasons


def _row(what: str, much: str) -> str:
    return f"<dt>{escape(what)}</dt><dd>{escape(much)}</dd>"


def _hint(why: Mapping[str, Any]) -> str:
    if why["words"]:
        return BY_WORDS
    if why["cosine"] is None:
        return VOTED_FIRST if "votes" in why else NEWEST_FIRST
    return ""
