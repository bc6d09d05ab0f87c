"""White space: a text on one line, each run of blanks one blank."""

_LONG = 100  # letters from which looking is cheaper than taking words apart and joining them
_OTHER_BLANKS = ("\n", "\t", "\r", "\v", "\f", "\x1c", "\x1d", "\x1e", "\x1f", "  ")


def one_line(text: str) -> str:
    """The words of a text with one blank between them; most abstracts are so already, which is seen at a third."""
    if len(text) > _LONG and text.isascii() and not any(map(text.__contains__, _OTHER_BLANKS)):
        return text.strip()
    return " ".join(text.split())
