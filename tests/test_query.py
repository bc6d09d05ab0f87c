"""The query language: what is understood, that it can be written back, and that no text breaks it."""

from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from broadsheet.search.query import (
    EVERYTHING,
    HAS,
    MAX_TERMS,
    And,
    Field,
    Filter,
    Filters,
    Must,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Range,
    Word,
    filters,
    has_free_text,
    parse,
    restrictions,
    terms,
    text_of,
)


def both(*items: Node) -> And:
    return And(items)


def either(*items: Node) -> Or:
    return Or(items)


A, B, C = Word("a"), Word("b"), Word("c")

UNDERSTOOD: list[tuple[str, Node]] = [
    ("", EVERYTHING),
    ("  () ", EVERYTHING),
    ("a", A),
    ("a b", both(A, B)),
    ('"a b"', Phrase("a b")),
    ("“a  b”", Phrase("a b")),
    ('a -b -"c"', both(A, Not(B), Not(Phrase("c")))),
    ("a NOT b", both(A, Not(B))),
    ("-(a b)", Not(both(A, B))),
    ("NOT NOT a", Must(A)),
    ("+a b", both(Must(A), B)),
    ("a AND b c", both(Must(A), Must(B), C)),
    ("a OR b", either(A, B)),
    ("a b OR c", both(A, either(B, C))),
    ("a AND b OR c", both(Must(A), either(B, C))),
    ("(a OR b) OR c", either(A, B, C)),
    ("(a b) OR c", either(both(A, B), C)),
    ("((a)) b", both(A, B)),
    ("a (b c)", both(A, B, C)),
    ("a (b -c)", both(A, both(B, Not(C)))),
    ("a AND (b c)", both(Must(A), B, C)),
    ("E2F-1, -2 (-3.5) +4 -5d", both(Word("E2F-1"), Word("2"), Word("3.5"), Word("4"), Not(Word("5d")))),
    ("-(2) 3 AND a", both(Not(Word("2")), Must(Word("3")), Must(A))),
    ("a (b)-c --d", both(A, B, C, Word("d"))),
    ("transf*", Prefix("transf")),
    ("title:a", Field("title", A)),
    ("ti:a", Field("title", A)),
    ('author:"a b"', Field("author", Phrase("a b"))),
    ("title:(a OR b) c", both(Field("title", either(A, B)), C)),
    ("title:a-b:c", Field("title", Phrase("a-b c"))),
    ("abstract:pre*", Field("abstract", Prefix("pre"))),
    ("title:(a author:b)", Field("title", both(A, Word("author"), B))),
    ("cat:cs.LG", Filter("cat", "cs.LG")),
    ("CAT:cs.*", Filter("cat", "cs")),
    ("cat:(cs.LG OR cs.CL)", either(Filter("cat", "cs.LG"), Filter("cat", "cs.CL"))),
    ('source:"my list"', Filter("source", "my list")),
    ("source:hf", Filter("source", "huggingface")),
    ("has:code", Filter("has", "code")),
    ("id:2405.15738v2", Filter("id", "arxiv:2405.15738")),
    ("arxiv:2405.15738 a", both(Filter("id", "arxiv:2405.15738"), A)),
    ("https://arxiv.org/abs/2405.15738v3", Filter("id", "arxiv:2405.15738")),
    ("10.1016/0370-2693(93)90043-O", Filter("id", "doi:10.1016/0370-2693(93)90043-o")),
    ('"2405.15738', Filter("id", "arxiv:2405.15738")),
    ("since:2026-01", Range(date(2026, 1, 1), None)),
    ("until:2026-02", Range(None, date(2026, 2, 28))),
    ("until:2026-W20", Range(None, date(2026, 5, 17))),
    ("year:2025", Range(date(2025, 1, 1), date(2025, 12, 31))),
    ("year:2023..2020", Range(date(2020, 1, 1), date(2023, 12, 31))),
    ("date:2025-03-18", Range(date(2025, 3, 18), date(2025, 3, 18))),
    ("date:2025-W01..2025-02", Range(date(2024, 12, 30), date(2025, 2, 28))),
    ("date:..9999-12", Range(None, date(9999, 12, 31))),
    ("GPT-4o C++ R&D", both(Word("GPT-4o"), Word("C++"), Word("R&D"))),
    ("p(x|y) 2:1", both(Word("p"), Word("x"), Word("y"), Word("2"), Word("1"))),
    ("BERT: a, b.", both(Word("BERT"), A, B)),
    ("a - b & --", both(A, B)),
]


@pytest.mark.parametrize(("text", "ast"), UNDERSTOOD, ids=[text for text, _ in UNDERSTOOD])
def test_syntax(text: str, ast: Node) -> None:
    """Each construct of the language means what its documentation says, and has no notes."""
    parsed = parse(text)
    assert parsed.ast == ast
    assert text == '"2405.15738' or parsed.notes == ()
    assert parse(str(ast)).ast == ast


@pytest.mark.parametrize(
    ("text", "words", "note"),
    [
        ('an "open phrase', "an open phrase", "no closing quote: searched as plain words"),
        ("(a b", "a b", "no closing parenthesis: searched as plain words"),
        ("a) since:2025", "a since 2025", "no opening parenthesis: searched as plain words"),
        ("a OR", "a or", "OR needs a word on both sides: searched as plain words"),
        ("AND b", "and b", "AND needs a word on both sides: searched as plain words"),
        ("a NOT", "a not", "NOT needs a word after it: searched as plain words"),
        (
            "(" * 10_000 + "a" + ")" * 10_000,
            "a",
            "more than 32 parentheses inside one another: searched as plain words",
        ),
        ("NOT " * 5_000 + "a", " ".join(["not"] * 256), "more than 32 parentheses"),
        ("a " * 50_000, " ".join("a" * MAX_TERMS), "longer than 256 words"),
    ],
)
def test_faulty_syntax_is_words(text: str, words: str, note: str) -> None:
    """Text that is no valid syntax is searched as plain words, and a note says why."""
    parsed = parse(text)
    assert parsed.plain
    assert str(parsed.ast) == words
    assert parsed.notes[0].startswith(note)


@pytest.mark.parametrize(
    ("text", "words", "note"),
    [
        ("foo:bar a", "foo bar a", "“foo:” is not a field, searched as plain words"),
        ("a since:2026-13", "a since 2026-13", "“since:2026-13” is not a date such as"),
        ("year:0000", "year 0000", "“year:0000” is not a date such as"),
        ("a has:wings", "a has wings", "“has:wings” is not one of abstract, code"),
        ("doi:nonsense", "doi nonsense", "“doi:nonsense” is no id"),
    ],
)
def test_faulty_fields_are_words(text: str, words: str, note: str) -> None:
    """A field that is unknown or has an impossible value is searched as words; the rest keeps its meaning."""
    parsed = parse(text)
    assert not parsed.plain
    assert str(parsed.ast) == words
    assert parsed.notes[0].startswith(note)


def test_urls_and_titles_are_no_faults() -> None:
    """A pasted address or title is searched without a remark."""
    for text in ("see https://example.org/x?y=1", "Attention: All you need", "at 3:30 (noon)", "e.g. f(x) = y^2"):
        assert parse(text).notes == ()


def _word() -> st.SearchStrategy[str]:
    sample = st.sampled_from(
        ["graph", "GPT-4o", "3.5", "naïve", "C++", "R&D", "网络", "हिन्दी", "x_1", "Q#", "or", "title"]
    )
    return sample | st.from_regex(r"[a-z0-9]{1,8}", fullmatch=True)


def _days() -> st.SearchStrategy[Range]:
    days = st.dates(date(1, 1, 1), date(9999, 12, 31))
    whole = st.tuples(st.integers(1, 9999), st.integers(1, 9999)).map(sorted)
    return st.one_of(
        days.map(lambda day: Range(day, None)),
        days.map(lambda day: Range(None, day)),
        st.tuples(days, days).map(lambda pair: Range(min(pair), max(pair))),
        whole.map(lambda years: Range(date(years[0], 1, 1), date(years[1], 12, 31))),
    )


def _loose(node: Node) -> Node:
    return node.body if isinstance(node, Must) else node


def _choice(options: list[Node]) -> Node:
    items: list[Node] = []
    for option in map(_loose, options):
        items += option.items if isinstance(option, Or) else (option,)
    return Or(tuple(items))


def _row(items: list[Node]) -> Node:
    flat: list[Node] = []
    for item in items:
        aside = isinstance(item, And) and all(isinstance(word, Word | Prefix) for word in item.items)
        flat += item.items if isinstance(item, And) and aside else (item,)
    return And(tuple(flat))


def _without(node: Node) -> Node:
    return node if isinstance(node, Not) else Not(_loose(node))


def _composed(items: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    """Compounds as the parser builds them: no choice in a choice, no bare words in a group, `+` only in sequences."""
    some = st.lists(items, min_size=2, max_size=4)
    return st.one_of(some.map(_row), some.map(_choice), items.map(_without))


WORDS: st.SearchStrategy[Node] = st.one_of(
    _word().map(Word),
    st.from_regex(r"[a-z]{1,6}", fullmatch=True).map(Prefix),
    st.lists(_word(), min_size=1, max_size=4).map(lambda words: Phrase(" ".join(words))),
    _word().map(lambda word: Must(Word(word))),
)
WITHIN = st.recursive(WORDS, _composed, max_leaves=5).map(_loose)
LEAVES: st.SearchStrategy[Node] = st.one_of(
    WORDS,
    st.builds(Field, st.sampled_from(["title", "abstract", "author", "venue"]), WITHIN),
    st.sampled_from(["cs.LG", "math", "q-bio.NC", "Computer Science (all)"]).map(lambda value: Filter("cat", value)),
    st.sampled_from(HAS).map(lambda value: Filter("has", value)),
    st.sampled_from(["arxiv:2405.15738", "doi:10.1000/a(b)c", "openreview:x_-Y"]).map(lambda id: Filter("id", id)),
    _days(),
)
QUERIES = st.recursive(LEAVES, _composed, max_leaves=12)


@pytest.mark.slow
@given(QUERIES)
def test_written_query_parses_to_itself(ast: Node) -> None:
    """`parse(str(ast)).ast == ast` for queries of every shape."""
    parsed = parse(str(ast))
    assert parsed.ast == ast
    assert not parsed.notes


SYNTAX = st.lists(
    st.sampled_from(
        [*'"()-+*: ', " OR ", " AND ", " NOT ", "title:", "cat:", "since:", "year:", "id:", "has:code", "a", "b.c",
         "2025-03", "..", "https://arxiv.org/abs/2405.15738", "10.1/x(y", ",", "'", "–", "\x00", "\ud800", "é", "\n"]
    ),
    max_size=30,
).map("".join)  # fmt: skip


@pytest.mark.slow
@given(SYNTAX | st.text(max_size=60))
@example("a OR -b")
@example("cat:cs.LG,")
@example("title:(-a)")
@example("-cat:(a b)")
@example('id:"a b"')
@example("id:J\u030cx")
@example("doi:10.1000/J\u030cx")
def test_any_text_has_a_query(text: str) -> None:
    """No text raises, and what it is taken for can be written and read back."""
    ast = parse(text).ast
    assert parse(str(ast)).ast == ast
    terms(ast), text_of(ast), filters(ast), restrictions(ast), has_free_text(ast)


@pytest.mark.slow
@pytest.mark.parametrize(
    "text", ["a" * 100_000, "(" * 100_000, "x(y)" * 25_000, '"' * 99_999, "- " * 50_000, "a(b" * 30_000]
)
def test_long_text_is_no_burden(text: str) -> None:
    """A hundred thousand characters are understood like any others."""
    ast = parse(text).ast
    assert parse(str(ast)).ast == ast


def test_terms_are_what_is_sought() -> None:
    """Words, phrases and prefixes that count for a paper, in order and once; not what is excluded."""
    ast = parse('graph "message passing" transf* -survey title:(graph OR tree) author:doe since:2025').ast
    assert terms(ast) == ("graph", "message passing", "transf*", "tree", "doe")
    assert text_of(ast) == "graph message passing transf graph tree"
    assert has_free_text(ast)
    assert not has_free_text(parse("cat:cs -graph since:2025").ast)


def test_filters_are_days_and_categories() -> None:
    """Days intersect, the first choice of categories is kept, and `complete` says whether that is all."""
    ast = parse("graph since:2025 until:2025-06 since:2025-03-02 cat:(cs.LG OR cs.CL)").ast
    assert filters(ast) == Filters(date(2025, 3, 2), date(2025, 6, 30), ("cs.LG", "cs.CL"), complete=True)
    assert filters(parse("graph networks").ast) == Filters()
    assert filters(parse("cat:cs").ast) == Filters(categories=("cs",))
    for text in ("cat:cs cat:math", "a -b", '"a b"', "+a b", "title:a", "has:code", "since:2025 OR cat:cs"):
        assert not filters(parse(text).ast).complete


def test_restrictions_leave_out_bare_words() -> None:
    """What a paper found by meaning must satisfy is the query without its optional words."""
    assert restrictions(parse("graph networks").ast) == EVERYTHING
    assert str(restrictions(parse("graph -survey cat:cs nets* +tree").ast)) == "-survey cat:cs +tree"
