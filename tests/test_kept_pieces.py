"""Pieces of pages that are remembered."""

from jinja2 import Environment

from broadsheet.web.render import PIECES, _keeping


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
