"""XML of strangers as a tree: no DTD, no entities, stray control characters forgiven.

Elements are found by their local name, as services and their mirrors do not agree on namespaces.
"""

import re
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

from broadsheet.errors import FormatError
from broadsheet.text import one_line
from broadsheet.words.said import said

AGAIN = "try again later"
# Characters that XML 1.0 (section 2.2) does not allow, as they stand and as references.
_CONTROL = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REFERENCE = re.compile(r"&#(?:[xX]([0-9a-fA-F]{1,9})|([0-9]{1,9}));")
_HTML = re.compile(rb"\s*(?:<!--.*?-->\s*)?<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)


class _Plain(TreeBuilder):
    """Refuses a document type, which is where entity bombs and files of this machine would come in."""

    def doctype(self, name: str, _pubid: str | None, _system: str | None) -> None:
        raise ParseError(f"has a document type {name!r}")


def parse(body: bytes, subject: str) -> Element:
    """The root element. Raises FormatError, naming `subject`, for anything that is no whole XML document."""
    if not body.strip():
        raise FormatError(subject, "answered nothing", AGAIN)
    if _HTML.match(body[:2000]):
        raise FormatError(subject, "answered a web page instead of XML", AGAIN)
    try:
        return _tree(body)
    except (ParseError, ValueError, LookupError):
        pass
    try:
        return _tree(_cleaned(body))
    except (ParseError, ValueError, LookupError) as e:
        raise FormatError(subject, said("answered XML that cannot be read (%(why)s)", why=str(e)), AGAIN) from e


def _tree(body: bytes | str) -> Element:
    parser = XMLParser(target=_Plain())  # noqa: S314 - no document type, so no entities
    parser.feed(body)
    root = parser.close()
    if not isinstance(root, Element):
        raise ParseError("no element")
    return root


def _cleaned(body: bytes) -> str:
    text = _CONTROL.sub("", body.decode("utf-8", errors="replace"))
    return re.sub(r"^\ufeff?\s*<\?xml.*?\?>", "", _REFERENCE.sub(_allowed, text), flags=re.DOTALL)


def _allowed(reference: re.Match[str]) -> str:
    code = int(reference[1], 16) if reference[1] else int(reference[2])
    return reference[0] if code <= 0x10FFFF and not _CONTROL.match(chr(code)) else ""


def local(element: Element) -> str:
    """The element's name without its namespace."""
    return element.tag.rpartition("}")[2]


def children(element: Element, name: str) -> list[Element]:
    """The direct children with this local name."""
    return [child for child in element if isinstance(child.tag, str) and local(child) == name]


def child(element: Element, *path: str) -> Element | None:
    """The first descendant along a path of local names."""
    found: Element | None = element
    for name in path:
        found = next(iter(children(found, name)), None) if found is not None else None
    return found


def text(element: Element, name: str) -> str:
    """The text of the first child of that name, on one line; empty where there is none."""
    found = child(element, name)
    return one_line("".join(found.itertext())) if found is not None else ""


def texts(element: Element, name: str) -> list[str]:
    """The texts of all children of that name that have one, on one line."""
    found = (one_line("".join(c.itertext())) for c in children(element, name))
    return [value for value in found if value]
