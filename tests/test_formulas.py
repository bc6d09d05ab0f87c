"""Formulas on pages: TeX becomes MathML, and nothing of a source's text becomes markup."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.text import formulas, plain
from broadsheet.web.formulas import typeset


@pytest.mark.parametrize(
    ("tex", "pieces"),
    [
        (r"On $k$-means", [("On ", False), ("k", True), ("-means", False)]),
        (r"from \(a\) to \[b\]", [("from ", False), ("a", True), (" to ", False), ("b", True), ("", False)]),
        ("between $5 and $10", [("between $5 and $10", False)]),
        ("no formula", [("no formula", False)]),
    ],
)
def test_a_text_is_taken_apart_at_its_formulas(tex: str, pieces: list[tuple[str, bool]]) -> None:
    """Formulas are found by every way to write them, money is none, and spaces beside them stay."""
    assert list(formulas(tex)) == pieces


@given(st.text(alphabet=st.sampled_from("ab $\\(){}[]^_<>&x1 "), max_size=40))
def test_any_text_is_typeset_without_foreign_markup(tex: str) -> None:
    """Whatever a source wrote, only MathML elements are in the HTML."""
    tags = set(re.findall(r"</?([a-zA-Z]\w*)", str(typeset(tex))))

    assert all(tag.startswith("m") for tag in tags)


def test_a_formula_is_mathml_with_a_label() -> None:
    """A power is set as one, and who cannot see it hears readable text."""
    html = str(typeset(r"in $O(n^2)$ time"))

    assert html.startswith("in <math ")
    assert "<msup><mi>n</mi><mn>2</mn></msup>" in html
    assert 'alttext="O(n²)"' in html


@pytest.mark.parametrize(
    "tex",
    [
        r"$\text{<b onclick=alert(1)>x</b>}$",
        r"$\text{<script>alert(1)</script>}$",
        r"$\href{javascript:alert(1)}{x}$",
        r'$\style{background:url(//x)}{y}$ <img src=x onerror="alert(1)">',
    ],
)
def test_markup_inside_formulas_stays_text(tex: str) -> None:
    """Elements, links, styles and handlers that a formula smuggles in are not in the HTML."""
    html = str(typeset(tex))

    assert not re.search(r"<(?!/?m)[a-z]", html)
    assert not re.search(r"<[^>]*\s(href|style|on\w+)=", html)


@pytest.mark.parametrize("tex", [r"$\left( x$", r"$x_{$", r"$\unknownmacro{x}$", "$" + "x+" * 400 + "$"])
def test_what_cannot_be_typeset_is_readable_text(tex: str) -> None:
    """A broken, unknown or endless formula reads as it does elsewhere."""
    assert "<math" not in str(typeset(tex))
    assert typeset(tex).unescape().split() == plain(tex).split()


def test_a_sign_that_stands_for_a_thing_gets_no_space_around_it() -> None:
    """Infinity and the empty set are no operators, whatever the converter takes them for."""
    assert "<mi>∞</mi>" in str(typeset(r"On $\infty$-categories"))
    assert "<mo>→</mo>" in str(typeset(r"as $n \to \infty$"))
