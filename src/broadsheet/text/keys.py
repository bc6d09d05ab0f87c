"""Keys that compare what people spell differently: words without accents, titles without spaces, names turned round."""

import re
import unicodedata

from broadsheet.text.tex import plain

_WORD = re.compile(r"[^\W_]+")
_GAP = re.compile(r"[\W_]+")
_NOT_LETTER = re.compile(r"[\W\d_]+")
_COMBINING = re.compile("[\u0300-\u036f]+")
_STROKES = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ȷ": "j", "ħ": "h", "ŧ": "t"}
)
_BRACKETS = re.compile(r"\([^()]*\)?|\[[^\[\]]*\]?")
_APOSTROPHES = str.maketrans("", "", "'’‘`´ʼ")
_SUFFIXES = frozenset(("jr", "sr", "ii", "iii", "iv", "phd", "md", "dr"))
_INITIALS = re.compile(r"(?:[A-Z]\.?){1,2}")


def fold(text: str) -> str:
    """Lower case without accents and ligatures; other scripts keep their letters."""
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return unicodedata.normalize("NFC", _COMBINING.sub("", text).translate(_STROKES))


def words(text: str) -> list[str]:
    """The folded words of a text: runs of letters and digits."""
    return _WORD.findall(fold(text))


def written_words(text: str) -> list[str]:
    """The words of a text as they are written, neither folded nor in lower case."""
    return _WORD.findall(unicodedata.normalize("NFC", text))


def title_key(title: str) -> str:
    """Letters and digits of the readable title, folded, without spaces; `&` is `and`. Empty for an empty title."""
    text = fold(plain(title))
    if "&" in text:
        text = text.replace("&", "and")
    return _GAP.sub("", text) or "".join(text.split())


def name_key(name: str) -> str:
    """`surname f`, folded: the same for `Doe, Jane`, `Jane Doe`, `J. Doe` and `Doe J`.

    The surname is its last word, so that `van der Goot, Rob` and `Rob van der Goot` agree; a single word is its key.
    """
    if name.isascii() and name.replace(" ", "").isalpha():  # most names, at a fifth of the time
        parts = name.lower().split()
        if len(parts) > 1 and len(parts[-1]) > 3:  # three letters may be initials or a degree
            return f"{parts[-1]} {parts[0][0]}"
    text = _BRACKETS.sub(" ", plain(name)).translate(_APOSTROPHES)
    before, comma, after = text.partition(",")
    if comma and fold(after).strip(" .") not in _SUFFIXES and after.strip():
        given, surname = _name_words(after), _name_words(before)
    else:
        text = before if comma else text
        given, surname = _split_name(text)
    if not surname:
        given, surname = [], given
    if not surname:
        return ""
    return f"{surname[-1]} {given[0][0]}" if given else surname[-1]


def _name_words(text: str) -> list[str]:
    found = [word for word in _NOT_LETTER.split(fold(text)) if word]
    while len(found) > 1 and found[-1] in _SUFFIXES:
        found.pop()
    return found


def _split_name(text: str) -> tuple[list[str], list[str]]:
    """Given names and surname of a name without a comma; initials at its end mean that the surname came first."""
    raw = text.split()
    if len(raw) > 1 and _INITIALS.fullmatch(raw[-1]) and not _INITIALS.fullmatch(raw[0]):
        return _name_words(raw[-1]), _name_words(" ".join(raw[:-1]))
    found = _name_words(text)
    return found[:-1], found[-1:]
