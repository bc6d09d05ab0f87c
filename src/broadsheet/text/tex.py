r"""TeX and HTML entities to readable text: `Schr\"odinger's $O(n^2)$` is `Schrödinger's O(n²)`.

A small machine over the few marks that titles, names and abstracts use, because a full TeX parser takes a
millisecond for an abstract and an import has a tenth of that. Unknown macros leave their name behind: authors
write `\ours` where their paper defines it, and the word is better than a hole.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator

from msgspec import Struct, field

from broadsheet.text.lines import one_line
from broadsheet.text.symbols import (
    ACCENTS,
    BLACKBOARD,
    DROPPED,
    LETTERS,
    MATH_ACCENTS,
    SUBSCRIPTS,
    SUPERSCRIPTS,
    SYMBOLS,
)

# Looked for one by one: ten times faster than a pattern on the many texts that have none.
_MARKS = ("\\", "$", "&", "{", "}", "<", "~", "`", "--")
_TEX = ("\\", "$", "{", "}")
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_TAG = re.compile(
    r"</?(?:i|b|em|strong|su[bp]|p|br|tt|span|title|sec|italic|bold|(?:jats|mml):\w+)(?:\s[^<>]*)?/?>", re.IGNORECASE
)
# Each begins with a letter of its own and looks back from there: only so are texts skimmed for it.
_DASHES = re.compile(r"-(?<=[\w.,)\]]-)-{1,2}(?=[\w(\[])|-(?<=\s-)-{1,2}(?=\s)")
_TIE = re.compile(r"~(?<=[A-Za-z.,:)\]}]~)~*(?=[\w\\$(\[])")
_MATH = re.compile(r"\$(?<!\\\$)\$?([^$]+?)(?<!\\)\$\$?")
_TOKEN = re.compile(r"([\\{}^_](?:(?<=\\)(?:[A-Za-z]+\*?|.)|(?<!\\)))", re.DOTALL)
_OPTION = re.compile(r"\s*\[[^\]]*\]")
_FORMULA_MARK = re.compile(r"[\\^_={}<>]")
_SET_OFF = re.compile(r"\\\((.+?)\\\)|\\\[(.+?)\\\]", re.DOTALL)

_WITH_DROPPED_ARGUMENT = (
    "cite citep citet citealp citeauthor citeyear ref eqref autoref cref label color begin end vspace hspace "
    "includegraphics bibliographystyle mkern fontsize"
)
_ONE_ARGUMENT_DROPPED = frozenset(_WITH_DROPPED_ARGUMENT.split())
_TWO_ARGUMENTS = frozenset(("href", "textcolor", "colorbox", "frac", "dfrac", "tfrac", "hyperlink", "binom"))


def plain(tex: str) -> str:
    """Readable text of a title, name, abstract or comment; runs of white space become one space."""
    return one_line(readable(tex))


def readable(tex: str) -> str:
    """`plain` with white space as it comes, for those who take a text apart anyway."""
    return _readable(tex) if any(map(tex.__contains__, _MARKS)) else tex


def formulas(tex: str) -> Iterator[tuple[str, bool]]:
    """The pieces of a text in order: readable text (False), and formulas as TeX without their dollars (True).

    Joined, with the formulas made readable, they say what `plain` says.
    """
    if "$" not in tex and "\\(" not in tex and "\\[" not in tex:
        yield plain(tex), False
        return
    end, text = 0, " ".join(_MATH.sub(_formula, tex).split())
    for match in _SET_OFF.finditer(text):
        yield _kept_apart(text[end : match.start()]), False
        yield (match[1] or match[2]).strip(), True
        end = match.end()
    yield _kept_apart(text[end:]), False


def _kept_apart(text: str) -> str:
    """Readable text with the space at its ends, which parts it from a formula."""
    before, after = " " * text.startswith(" "), " " * text.endswith(" ")
    inner = plain(text)
    return f"{before}{inner}{after}" if inner else before or after


def _readable(text: str) -> str:
    if "&" in text:
        text = _ENTITY.sub(_entity, text)
        if "&" in text:  # some venues escape twice
            text = _ENTITY.sub(_entity, text)
    if "<" in text:
        text = _TAG.sub("", text)
    if "~" in text:
        text = _TIE.sub(" ", text)
    if "``" in text:
        text = text.replace("``", "“").replace("''", "”")
    if "--" in text:
        text = _DASHES.sub(_dash, text)
    if not any(map(text.__contains__, _TEX)):
        return text
    if "$" in text:
        text = _MATH.sub(_formula, text)
    return _Machine().run(_TOKEN.split(text))


def _entity(match: re.Match[str]) -> str:
    import html  # its table of entities is large, and few texts need it

    return html.unescape(match[0])


def _dash(match: re.Match[str]) -> str:
    return "—" if len(match[0]) == 3 else "–"


def _formula(match: re.Match[str]) -> str:
    r"""`$x$` as `\(x\)`; money (`$5 to $10`) stays. The rule for dollars is pandoc's, with marks of TeX as a hint."""
    inner = match[1]
    tight = (
        not (inner[0].isspace() or inner[-1].isspace()) and not match.string[match.end() : match.end() + 1].isdigit()
    )
    if tight or len(inner.strip()) <= 3 or _FORMULA_MARK.search(inner):
        return rf"\({inner}\)"
    return match[0]


Act = Callable[[str], str]

_DEEPEST = 8  # macros that wait for one argument; more is noise


class _Frame(Struct):
    """An open group: what is done to its text when it closes, the text so far, and whose arguments come after it."""

    close: tuple[Act, ...] = ()
    out: list[str] = field(default_factory=list)
    math: bool = False
    queue: list[Act] = field(default_factory=list)


def _applied(acts: tuple[Act, ...], text: str) -> str:
    for act in acts:
        text = act(text)
    return text


def _nothing(_: str) -> str:
    return ""


class _Machine:
    """Runs once over the tokens of one text.

    `pending` waits for its argument (a group, a macro or one letter), `queue` for the arguments after that.
    """

    __slots__ = ("frames", "pending", "queue")

    def __init__(self) -> None:
        self.frames = [_Frame()]
        self.pending: tuple[Act, ...] = ()
        self.queue: list[Act] = []

    def run(self, tokens: list[str]) -> str:
        for place, token in enumerate(tokens):
            if not token:
                continue
            if place % 2 == 0:
                self._text(token)
            elif token[0] == "\\":
                self._macro(token[1:].rstrip("*") or "*")
            else:
                self._mark(token)
        while len(self.frames) > 1:
            self._close()
        return "".join(self.frames[0].out)

    def _emit(self, text: str) -> None:
        if self.pending:
            acts, self.pending = self.pending, ()
            text = _applied(acts, text)
            self._next_argument()
        self.frames[-1].out.append(text)

    def _await(self, act: Act) -> None:
        r"""The argument to come gets `act`, then what already waited (`^\text{N}`)."""
        self.pending = (act, *self.pending[:_DEEPEST])

    def _next_argument(self) -> None:
        if self.queue:
            self.pending = (self.queue.pop(0),)

    def _text(self, text: str) -> None:
        while self.pending and text:
            if text[0] == "[":
                text = _OPTION.sub("", text, count=1) if _OPTION.match(text) else text
            text = text.lstrip()
            if not text:
                return
            self._emit(text[0])
            text = text[1:]
        if text:
            self.frames[-1].out.append(text)

    def _mark(self, mark: str) -> None:
        if mark == "{":
            acts, self.pending = self.pending, ()
            self.frames.append(_Frame(acts, [], self.frames[-1].math, self.queue))
            self.queue = []
        elif mark == "}":
            self._close()
        elif self.frames[-1].math:
            self.pending = (_superscript if mark == "^" else _subscript,)
        else:
            self._emit(mark)

    def _close(self) -> None:
        self.pending = ()
        if len(self.frames) == 1:
            return
        frame = self.frames.pop()
        self.queue = frame.queue
        text = "".join(frame.out)
        self.frames[-1].out.append(_applied(frame.close, text))
        if frame.close:
            self._next_argument()

    def _macro(self, name: str) -> None:
        if name in "()[]" and len(name) == 1:
            self.frames[-1].math = name in "(["
            self.pending = ()
        elif name in ACCENTS and not (name in "=." and self.frames[-1].math):
            self._await(_accent(ACCENTS[name]))
        elif name in SYMBOLS:
            self._symbol(name)
        elif name in DROPPED:
            return
        elif not self._argument(name):
            self._unknown(name)

    def _symbol(self, name: str) -> None:
        self._emit(SYMBOLS[name])
        if name in LETTERS and not self.pending:  # `Stra\ss e`: the space after the macro is TeX's
            self.pending = (_keep,)

    def _argument(self, name: str) -> bool:
        """Whether the macro takes an argument; then what becomes of it is set."""
        if name in _ONE_ARGUMENT_DROPPED:
            self.pending = (_nothing,)
        elif name in _TWO_ARGUMENTS:
            self._two(name)
        elif name in MATH_ACCENTS:
            self._await(_accent(MATH_ACCENTS[name]))
        elif name in _ACTIONS:
            self._await(_ACTIONS[name])
        else:
            return False
        return True

    def _two(self, name: str) -> None:
        if name in ("frac", "dfrac", "tfrac"):
            self.pending, self.queue = (_grouped,), [_denominator]
        elif name == "href":
            link: list[str] = []
            self.pending, self.queue = (_remember(link),), [_beside(link)]
        else:
            self.pending, self.queue = (_nothing,), [_keep]

    def _unknown(self, name: str) -> None:
        if not name[0].isalpha():
            self._emit(" " if name.isspace() else name)
        else:
            self._emit(name)


def _keep(text: str) -> str:
    return text


def _accent(mark: str) -> Act:
    def act(text: str) -> str:
        base = {"ı": "i", "ȷ": "j"}.get(text[:1], text[:1])
        return unicodedata.normalize("NFC", base + mark) + text[1:] if base.strip() else text

    return act


def _script(table: dict[str, str], mark: str) -> Act:
    def act(text: str) -> str:
        text = text.strip()
        if text and all(c in table for c in text):
            return "".join(table[c] for c in text)
        return mark + (text if len(text) <= 1 or text.isalnum() else f"({text})") if text else ""

    return act


_superscript = _script(SUPERSCRIPTS, "^")
_subscript = _script(SUBSCRIPTS, "_")


def _grouped(text: str) -> str:
    text = text.strip()
    return text if text.isalnum() else f"({text})"


def _denominator(text: str) -> str:
    return "/" + _grouped(text)


def _remember(place: list[str]) -> Act:
    def act(text: str) -> str:
        place.append(text.strip())
        return ""

    return act


def _beside(place: list[str]) -> Act:
    def act(text: str) -> str:
        url = place[-1] if place else ""
        return text if not url or url in text or text.strip() in url else f"{text} ({url})"

    return act


def _blackboard(text: str) -> str:
    return "".join(BLACKBOARD.get(c, c) for c in text)


def _code_point(text: str) -> str:
    digits = text.strip()
    try:
        point = int(digits[1:], 16) if digits[:1] in 'xX"' and digits else int(digits)
        return "" if 0xD800 <= point < 0xE000 else chr(point)
    except (ValueError, OverflowError):
        return ""


_WITH_KEPT_ARGUMENT = (
    "text textbf textit texttt textsc textsf textrm textnormal textmd textup textsl emph underline uline url "
    "path mathrm mathbf mathit mathsf mathtt mathcal mathfrak mathscr boldsymbol bm operatorname mbox hbox "
    "fbox overline widehat widetilde underbrace overbrace ensuremath textquote enquote mathop mathbin"
)
_ACTIONS: dict[str, Act] = {
    "mathbb": _blackboard,
    "textsuperscript": _superscript,
    "textsubscript": _subscript,
    "footnote": lambda text: f" ({text})",
    "sqrt": lambda text: "√" + _grouped(text),
    "unicode": _code_point,
    **dict.fromkeys(_WITH_KEPT_ARGUMENT.split(), _keep),
}
