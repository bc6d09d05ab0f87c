"""How a paper lies in the word index: which fields there are, how text becomes terms, and a paper as a document.

text       title, abstract and venue in one field of stems with positions: what bare words are ranked by (BM25)
title      stems with positions, for `title:` and the weight of a word in the title
outside    stems of title and venue that the abstract lacks: `abstract:x` is x in `text` but not here, which saves
           indexing every abstract twice (a third of the time to build)
authors    names unstemmed with positions, kept apart so that no phrase runs over two names
venue      stems with positions
plain      words of title and venue unstemmed: the vocabulary for other spellings and beginnings of words
cat        categories in lower case, and the archive of each (`cs` of `cs.LG`)
category   categories as they are, for counts
ident      the ids of the paper; source, has: exact terms
recency    day << 40 | paper id: one column for ranges of days, newest first as a total order, and the id of a hit
"""

import functools
import re
from collections.abc import Callable
from datetime import date

import tantivy

from broadsheet.text import readable
from broadsheet.types import Paper

VERSION = 1
"""Counts up whenever an index made before would answer wrongly."""

ID_BITS = 40
ID_MASK = (1 << ID_BITS) - 1
META = "index"
"""The term of `meta` that finds the one document that is no paper: it holds how far the index has come."""

_LONGEST_TERM = 64  # bytes; longer runs of letters are data in an abstract, not words
_NAME_BREAK = " ꙮ ꙮ "  # two terms that nobody types: they keep a phrase with a gap of one from running over two names
_TOKEN = re.compile(r"[^\W_]+")
_TEXTS = ("abstract", "comment", "venue")
_NO_FLAG = frozenset(("abstract", "other"))


@functools.cache
def stemmer() -> tantivy.TextAnalyzer:
    """Words in lower case, accents off, English stems."""
    return _words().filter(tantivy.Filter.stemmer("english")).build()


@functools.cache
def splitter() -> tantivy.TextAnalyzer:
    """Words in lower case, accents off."""
    return _words().build()


def _words() -> tantivy.TextAnalyzerBuilder:
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    for step in (
        tantivy.Filter.remove_long(_LONGEST_TERM),
        tantivy.Filter.lowercase(),
        tantivy.Filter.ascii_fold(),
    ):
        builder = builder.filter(step)
    return builder


@functools.lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """The term that a single word is found by; empty for what is no word."""
    terms = stemmer().analyze(word)
    return terms[0] if terms else ""


@functools.cache
def schema() -> tantivy.Schema:
    """The fields of every index of this version."""
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("id", indexed=True)  # signed: deletion by an unsigned term deletes nothing
    for name in ("text", "title", "venue"):
        builder.add_text_field(name, tokenizer_name="stems", index_option="position")
    builder.add_text_field("authors", tokenizer_name="words", index_option="position")
    builder.add_text_field("outside", tokenizer_name="stems", index_option="basic")
    builder.add_text_field("plain", tokenizer_name="words", index_option="basic")
    for name in ("cat", "ident", "meta"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in ("category", "source", "has"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    builder.add_unsigned_field("recency", fast=True)
    builder.add_unsigned_field("year", fast=True)
    for name in ("seq", "highest"):
        builder.add_unsigned_field(name, stored=True)
    return builder.build()


def register(index: tantivy.Index) -> tantivy.Index:
    """Make the analysers of the schema known to an index that was opened."""
    index.register_tokenizer("stems", stemmer())
    index.register_tokenizer("words", splitter())
    return index


def document(paper_id: int, paper: Paper) -> tantivy.Document:
    """The document of a paper; half characters, which no file can hold, become question marks."""
    try:
        return _document(paper_id, paper, str)
    except UnicodeEncodeError:
        return _document(paper_id, paper, _valid)


def _document(paper_id: int, paper: Paper, valid: Callable[[str], str]) -> tantivy.Document:
    made = tantivy.Document()
    text = made.add_text
    made.add_integer("id", paper_id)
    title, abstract = valid(readable(paper.title)), valid(readable(paper.abstract))
    text("text", title)
    text("text", abstract)
    text("title", title)
    text("authors", valid(readable(_NAME_BREAK.join([author.name for author in paper.authors]))))
    heading = title
    if paper.venue:
        venue = valid(readable(paper.venue))
        text("text", venue)
        text("venue", venue)
        heading = f"{title} {venue}"
    text("plain", heading)
    text("outside", _outside(heading, abstract))
    for name, terms in (
        ("category", paper.categories),
        ("cat", category_terms(paper.categories)),
        ("ident", paper.aliases),
        ("source", map(str.lower, paper.sources)),
        ("has", flags(paper)),
    ):
        for term in terms:
            text(name, valid(term))
    day = day_of(paper)
    made.add_unsigned("recency", recency(day, paper_id))
    if day is not None:
        made.add_unsigned("year", day.year)
    return made


def meta_document(seq: int, highest: int) -> tantivy.Document:
    """The document that says how far an index has come, and the highest paper id it was ever given."""
    made = tantivy.Document()
    made.add_text("meta", META)
    made.add_unsigned("seq", seq)
    made.add_unsigned("highest", highest)
    return made


def day_of(paper: Paper) -> date | None:
    """The day a paper was first public, as `since:` and `year:` mean it; None where nothing says so."""
    if paper.published is not None:
        return paper.published.date()
    return min((announcement.day for announcement in paper.announcements), default=None)


def recency(day: date | None, paper_id: int) -> int:
    """The key that orders papers by day, then by id; a paper without a day is older than all others."""
    return ((day.toordinal() if day else 0) << ID_BITS) | paper_id


def category_terms(categories: tuple[str, ...]) -> frozenset[str]:
    """Each category and its archive, in lower case."""
    lower = [category.lower() for category in categories]
    return frozenset([*lower, *(name.partition(".")[0] for name in lower)])


def flags(paper: Paper) -> set[str]:
    """What `has:` can ask for and this paper has."""
    found: set[str] = {link.kind for link in paper.links if link.kind not in _NO_FLAG}
    found.update(name for name in _TEXTS if getattr(paper, name))
    if paper.withdrawn:
        found.add("withdrawal")
    if len(paper.versions) > 1 or (paper.versions and paper.versions[0].number > 1):
        found.add("revision")
    if any(alias.startswith("doi:") for alias in paper.aliases):
        found.add("doi")
    if any(author.orcid for author in paper.authors):
        found.add("orcid")
    return found


def _outside(heading: str, abstract: str) -> str:
    """The words of a heading that do not occur in the abstract, neither as they are nor by their stem."""
    if not abstract:
        return heading
    body = abstract.lower()
    return " ".join([w for w in _TOKEN.findall(heading.lower()) if w not in body and stem(w) not in body])


def _valid(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
