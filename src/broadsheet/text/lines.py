"""White space: a text on one line, each run of blanks one blank."""

_LONG = 100  # letters from which replacing blanks is cheaper than taking words apart and joining them
_OTHER_BLANKS = "\n\t\r\v\f\x1c\x1d\x1e\x1f"


def one_line(text: str) -> str:
    """The words of a text with one blank between them."""
    if len(text) > _LONG and text.isascii():  # most abstracts: a fifth of the time
        for blank in _OTHER_BLANKS:
            if blank in text:
                text = text.replace(blank, " ")
        while "  " in text:
            text = text.replace("  ", " ")
        return text.strip(" ")
    return " ".join(text.split())
