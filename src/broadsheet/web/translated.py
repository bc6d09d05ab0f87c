"""Templates in one language: what needs no values is translated when a template is compiled, not on each page."""

from typing import Any

from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

from broadsheet.words.catalogue import Words

_GETTEXT = frozenset(("_", "gettext"))


class _Translating(NodeTransformer):
    """Puts messages of a language where they are asked for by their text alone."""

    def __init__(self, words: Words) -> None:
        self._words = words

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802 - as the base calls it
        """A message without values is a constant."""
        match self.generic_visit(node):
            case nodes.Call(node=nodes.Name(name=name), args=[nodes.Const(value=str(text))], kwargs=[]) if (
                name in _GETTEXT
            ):
                return nodes.Const(Markup(self._words.gettext(text)) % {})  # noqa: S704 - of templates and catalogues
            case other:
                return other


class Translated(CodeGenerator):
    """Compiles the templates of an environment with `words` among its globals."""

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: N802
        """A whole template."""
        words: Any = self.environment.globals["words"]
        super().visit_Template(_Translating(words).visit(node), frame)
