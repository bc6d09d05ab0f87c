"""What stands on a line: one blank between words, and nothing that is not seen and has an effect."""

import re

_LONG = 100  # letters from which replacing blanks is cheaper than taking words apart and joining them
_OTHER_BLANKS = "\n\t\r\v\f\x1c\x1d\x1e\x1f"
_CONTROLS = bytes((*range(32), 127))
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_CONTROL_WITHIN_LINES = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


# What turns the direction of all that follows, parts words or hides others in itself, and is not seen. The marks of
# direction (U+200E, U+200F) stay: they act on their neighbours alone.
_UNSEEN = re.compile("[\u00ad\u200b\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]")

# What joins letters, where none stands before it that is joined to others: not in Latin, Greek and Cyrillic.
_LONE_JOINER = re.compile(
    "(?<![\u0590-\u1fff\u2190-\u2bff\u2d80-\u2dff\u3040-\ud7ff\uf900-\ufefc\U00010000-\U000dffff])[\u200c\u200d]"
)


def one_line(text: str) -> str:
    """The words of a text with one blank between them.

    Control characters, which a terminal obeys, are blanks; what is not seen and turns or hides what is, is left out.
    """
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
    return line if line.isprintable() else " ".join(_without_unseen(_CONTROL.sub(" ", line)).split())


def _without_unseen(text: str) -> str:
    return _LONE_JOINER.sub("", _UNSEEN.sub("", text))


def listed(text: str) -> tuple[str, ...]:
    """The words that somebody typed one after another, with commas or without, each once."""
    return tuple(dict.fromkeys(text.replace(",", " ").split()))


def visible(text: str) -> str:
    """A text of several lines without control characters other than their ends and tabs."""
    return _CONTROL_WITHIN_LINES.sub("", text)
