"""Pieces of pages that are remembered."""

from jinja2 import Environment

from broadsheet.types import Link
from broadsheet.web.cards import _links
from broadsheet.web.render import PIECES, _keeping
from broadsheet.words.catalogue import words


class _Slow(str):
    """A value that another thread overtakes each time it is looked up: it needs more pieces than are remembered."""

    def __hash__(self) -> int:
        if self:
            others.render(root="")
        return super().__hash__()


TEMPLATE = "{% macro piece(value) %}[{{ value }}]{% endmacro %}"
made = Environment(autoescape=True)
made.globals["kept"] = _keeping()
others = made.from_string(f"{TEMPLATE}{{% for n in range({PIECES + 1}) %}}{{{{ kept(piece, n) }}}}{{% endfor %}}")
one = made.from_string(TEMPLATE + "{{ kept(piece, value) }}")


def test_a_piece_that_another_thread_makes_forgotten_meanwhile_is_shown() -> None:
    """What is remembered may be let go of at any moment."""
    assert one.render(root="", value=_Slow("late")) == "[late]"


def test_a_list_shows_one_link_of_a_kind() -> None:
    """A preprint and its venue version have a page each; a list leads to the first, the paper's page to both."""
    links = [Link("abstract", "a:1"), Link("pdf", "p:1"), Link("abstract", "a:2"), Link("code", "c:1")]
    shown = _links(words("en"), links)
    places = [shown.index(there) for there in ("a:1", "p:1", "c:1")]
    assert places == sorted(places)
    assert "a:2" not in shown
