"""Titles and abstracts as HTML: formulas become MathML, the rest is readable text, and all of it is safe.

latex2mathml lets markup and links of its input through (`\\text{<b>}`, `\\href`), so that its answer is read as XML and
only what MathML Core knows is written again; a formula with anything else is shown as readable text.
"""

import xml.etree.ElementTree as ET
from functools import lru_cache
from typing import Final

from latex2mathml.converter import convert
from markupsafe import Markup, escape

from broadsheet.text import formulas, plain

_KNOWN_ELEMENTS = (
    "math menclose merror mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow ms mspace msqrt "
    "mstyle msub msubsup msup mtable mtd mtext mtr munder munderover none"
)
_ELEMENTS: Final = frozenset(_KNOWN_ELEMENTS.split())
_KNOWN_ATTRIBUTES = (
    "accent accentunder columnalign columnspan depth display displaystyle fence form height largeop linethickness "
    "lspace mathvariant maxsize minsize movablelimits notation rowspan rspace scriptlevel separator stretchy symmetric "
    "voffset width"
)
_ATTRIBUTES: Final = frozenset(_KNOWN_ATTRIBUTES.split())
_LONGEST: Final = 600
"""Characters of a formula that is set as one; what is longer is a paragraph with a lost dollar sign."""
_REMEMBERED: Final = 8_192
_ORDINARY: Final = frozenset("∞∅")
"""Signs that stand for a thing, and not between two: an operator would get space around it."""
_NAMESPACE: Final = "{http://www.w3.org/1998/Math/MathML}"


def typeset(tex: str) -> Markup:
    """The HTML of a title, name or abstract as its source wrote it."""
    return Markup("").join(_formula(piece) if is_formula else escape(piece) for piece, is_formula in formulas(tex))


@lru_cache(_REMEMBERED)
def _formula(tex: str) -> Markup:
    """MathML with the TeX as its label; readable text where that cannot be made."""
    readable = plain(f"${tex}$")
    tree = _converted(tex)
    if tree is None:
        return escape(readable)
    tree.set("alttext", readable)
    return Markup(ET.tostring(tree, encoding="unicode"))  # noqa: S704 - only known elements and attributes are in it


def _converted(tex: str) -> ET.Element | None:
    if len(tex) > _LONGEST:
        return None
    try:
        tree = ET.fromstring(convert(tex))  # noqa: S314 - made by the line itself, and it declares no entities
    except Exception:  # a converter's errors on texts of others have no common base
        return None
    return _core(tree)


def _core(tree: ET.Element) -> ET.Element | None:
    """The tree in plain names, without unknown attributes; None if it has an unknown element or macro in it."""
    for element in tree.iter():
        element.tag = element.tag.removeprefix(_NAMESPACE)
        if element.tag == "mo" and element.text in _ORDINARY:
            element.tag = "mi"
        if element.tag not in _ELEMENTS or "\\" in (element.text or ""):
            return None
        for name in [name for name in element.attrib if name not in _ATTRIBUTES]:
            del element.attrib[name]
    return tree
