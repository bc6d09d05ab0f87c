"""What stands on a line: one blank between words, and no control characters, which a terminal obeys."""

import re

_LONG = 100  # letters from which replacing blanks is cheaper than taking words apart and joining them
_OTHER_BLANKS = "\n\t\r\v\f\x1c\x1d\x1e\x1f"
_CONTROLS = bytes((*range(32), 127))
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_CONTROL_WITHIN_LINES = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def one_line(text: str) -> str:
    """The words of a text with one blank between them; control characters are blanks."""
    if len(text) > _LONG and text.isascii():  # most abstracts: a fifth of the time
        for blank in _OTHER_BLANKS:
            if blank in text:
                text = text.replace(blank, " ")
        if len(text.encode().translate(None, _CONTROLS)) < len(text):
            text = _CONTROL.sub(" ", text)
        while "  " in text:
            text = text.replace("  ", " ")
        return text.strip(" ")
    line = " ".join(text.split())
    return line if line.isprintable() else " ".join(_CONTROL.sub(" ", line).split())


def listed(text: str) -> tuple[str, ...]:
    """The words that somebody typed one after another, with commas or without, each once."""
    return tuple(dict.fromkeys(text.replace(",", " ").split()))


def visible(text: str) -> str:
    """A text of several lines without control characters other than their ends and tabs."""
    return _CONTROL_WITHIN_LINES.sub("", text)
