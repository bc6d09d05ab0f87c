"""Writing XML: elements in order, text without what XML cannot hold, always UTF-8 with its declaration."""

from xml.etree.ElementTree import Element, SubElement, tostring

from broadsheet.feeds.entry import clean

__all__ = ["Element", "add", "document"]


def add(parent: Element, name: str, content: str = "", /, **attributes: str) -> Element:
    """A child at the end of `parent`. Prefixed names are written as they are: the root declares the prefixes."""
    child = SubElement(parent, name, {key: clean(value) for key, value in attributes.items() if value})
    child.text = clean(content) or None
    return child


def document(root: Element) -> bytes:
    """The bytes of a document."""
    written: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"
