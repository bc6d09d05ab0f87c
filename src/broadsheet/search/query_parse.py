"""From what a person typed to a query. Any text has a query; text that is not valid syntax is taken as words."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate

from broadsheet.search.query_ast import (
    DATE_FIELDS,
    EVERYTHING,
    EXACT_FIELDS,
    TEXT_FIELDS,
    And,
    Field,
    Filter,
    Must,
    Node,
    Not,
    Or,
    Parsed,
    Phrase,
    Prefix,
    Word,
)
from broadsheet.search.query_values import VALUES, known_id
from broadsheet.words.said import said

MAX_TERMS = 256
"""Words, phrases and filters of one query; a pasted abstract has fewer."""

MAX_DEPTH = 32
"""Groups inside groups."""

_FIELDS = {name: name for name in (*TEXT_FIELDS, *EXACT_FIELDS, *DATE_FIELDS)} | {
    "ti": "title", "abs": "abstract", "au": "author", "authors": "author", "category": "cat",
    "arxiv": "id", "doi": "id",
}  # fmt: skip
_REMEMBERED = 64  # queries: a page asks three times what its own says
_SHOWN = 100  # characters of a faulty value that a note repeats
_TOO_DEEP = said("more than %(most)s parentheses inside one another", most=MAX_DEPTH)
_OPERATORS = ("AND", "OR", "NOT")
# A sign begins a word; before a number it is the number's own, as in prose (`E2F-1, -2`).
_OPERATOR_SIGNS = re.compile(r"(?<![^\s(])[-+](?=[^\W_]|[\"(])(?!\d[\d.,]*(?:[\s()\"]|$))")
_SPACE = re.compile(r"\s+")
_FIELD = re.compile(r"([A-Za-z]+):(?=\S)")
_RUN = re.compile(r"[^\s\"()]+(?:(?<!:)\([^\s\"()]*\)[^\s\"()]*)*")
# A word begins with a letter or digit and runs over what joins words (`GPT-4o`, `3.5`, `R&D`, `C++`).
_PIECE = re.compile(r"([^\W_][^\s!\"$()*,:;<=>?\[\\\]^`{|}]*)(\*?)")
_FIELD_LIKE = re.compile(r"([A-Za-z][A-Za-z_]*):[^\s/:]")
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂", '"'))
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u200b-\u200f\u2028-\u202e\u2060\ufeff]")


class _Fault(Exception):
    """The text is not valid syntax; the message says what is wrong."""


@lru_cache(_REMEMBERED)
def parse(text: str) -> Parsed:
    """The query that a text means. Never raises; `parse(str(ast)).ast == ast` for every ast it gives."""
    clean = _UNPRINTABLE.sub(" ", unicodedata.normalize("NFC", text).translate(_QUOTES)).strip()
    notes: list[str] = []
    try:
        ast = _with_id(_whole(clean, notes))
        _refuse_deep(ast)
        return Parsed(ast, tuple(dict.fromkeys(notes)))
    except _Fault as fault:
        return Parsed(
            _with_id(_plain(clean)), (said("%(why)s: searched as plain words", why=fault.args[0]),), plain=True
        )


def _whole(clean: str, notes: list[str]) -> Node:
    id = None if " " in clean else known_id(clean)
    if id is not None:
        return Filter("id", id)
    return _Reader(clean, notes).query()


def _with_id(ast: Node) -> Node:
    """A word that is an id finds that paper where it is the whole query."""
    id = known_id(ast.text) if isinstance(ast, Word) else None
    return ast if id is None else Filter("id", id)


def _refuse_deep(ast: Node) -> None:
    """Raise where the query, written out, has too many parentheses open at once to be read back."""
    steps = (1 if char == "(" else -1 for char in str(ast) if char in "()")
    if max(accumulate(steps), default=0) > MAX_DEPTH:
        raise _Fault(_TOO_DEEP)


def _plain(clean: str) -> Node:
    words: list[Node] = []
    for piece, _ in _pieces(clean):
        words.append(Word(piece))
        if len(words) == MAX_TERMS:
            break
    return _sequence(words)


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    """The words in a text without spaces or with, each with whether a `*` follows it."""
    for found in _PIECE.finditer(text):
        piece = found[1]
        while not (piece[-1].isalnum() or piece[-1] in "+#" or unicodedata.category(piece[-1])[0] == "M"):
            piece = piece[:-1]
        yield (piece.lower() if piece in _OPERATORS else piece), bool(found[2])


def _sequence(items: list[Node]) -> Node:
    return items[0] if len(items) == 1 else And(tuple(items))


def _spliced(items: list[Node]) -> list[Node]:
    """With the words of groups that hold nothing else among the items: an aside in parentheses asks for nothing."""
    flat: list[Node] = []
    for item in items:
        aside = isinstance(item, And) and all(isinstance(word, Word | Prefix) for word in item.items)
        flat += item.items if isinstance(item, And) and aside else (item,)
    return flat


def _required(node: Node) -> Node:
    return Must(node) if isinstance(node, Word | Prefix) else node


def _loose(node: Node) -> Node:
    return node.body if isinstance(node, Must) else node


class _Reader:
    """Reads one text from left to right; a method reads one construct and leaves `at` behind it."""

    def __init__(self, text: str, notes: list[str]) -> None:
        self.text, self.notes = text, notes
        self.at = self.depth = self.terms = 0
        self.in_field = False

    def query(self) -> Node:
        items = self.sequence()
        if self.at < len(self.text):
            raise _Fault(said("no opening parenthesis"))
        return _sequence(items) if items else EVERYTHING

    def sequence(self) -> list[Node]:
        """Items up to the end or a closing parenthesis, which stays."""
        items: list[Node] = []
        joined = False
        while self.more():
            if self.operator("AND"):
                if not items or joined:
                    raise _Fault(said("AND needs a word on both sides"))
                items[-1], joined = _required(items[-1]), True
                continue
            found = self.choice()
            if joined and found:
                found[0], joined = _required(found[0]), False
            items += found
        if joined:
            raise _Fault(said("AND needs a word on both sides"))
        return _spliced(items)

    def choice(self) -> list[Node]:
        """Operands joined by OR, or one operand."""
        found = self.operand()
        options = [found]
        while self.operator("OR"):
            options.append(self.operand() if self.more() else [])
        if len(options) == 1:
            return found
        if not all(options):
            raise _Fault(said("OR needs a word on both sides"))
        items: list[Node] = []
        for option in options:
            node = _loose(_one(option))
            items += node.items if isinstance(node, Or) else (node,)
        return [Or(tuple(items))]

    def operand(self) -> list[Node]:
        """What stands at one place: nothing (punctuation), one node, or the words of a compound."""
        sign = _OPERATOR_SIGNS.match(self.text, self.at)
        if sign is not None:
            self.at = sign.end()
            return self.signed(sign[0])
        if self.operator("NOT"):
            if not self.more():
                raise _Fault(said("NOT needs a word after it"))
            return self.signed("-")
        if self.operator("OR"):
            raise _Fault(said("OR needs a word on both sides"))
        here = self.text[self.at]
        if here == '"':
            return [Phrase(words) for words in self.quoted()]
        if here == "(":
            items = self.group()
            return [_sequence(items)] if items else []
        return self.field() or self.run()

    def signed(self, sign: str) -> list[Node]:
        self.deepen()
        found = self.operand()
        self.depth -= 1
        if not found:
            return []
        node = _one(found)
        if sign == "-" and not isinstance(node, Not):
            return [Not(_loose(node))]
        return [_required(node.body if isinstance(node, Not) and sign == "-" else node)]

    def quoted(self) -> list[str]:
        """The words between quotes, folded into one string; an empty list where there is no word."""
        end = self.text.find('"', self.at + 1)
        if end < 0:
            raise _Fault(said("no closing quote"))
        words = " ".join(self.text[self.at + 1 : end].split())
        self.at = end + 1
        self.count()
        return [words] if any(map(str.isalnum, words)) else []

    def group(self) -> list[Node]:
        self.at += 1
        self.deepen()
        items = self.sequence()
        if self.at >= len(self.text):
            raise _Fault(said("no closing parenthesis"))
        self.at += 1
        self.depth -= 1
        return items

    def field(self) -> list[Node]:
        """A field and its value; an empty list, and nothing read, where there is no field here."""
        found = None if self.in_field else _FIELD.match(self.text, self.at)
        if found is None or found[1].lower() not in _FIELDS:
            return []
        start, typed = self.at, found[1].lower()
        name = _FIELDS[typed]
        self.at = found.end()
        items = self.words_in(name) if name in TEXT_FIELDS else self.values_of(typed)
        if not items:
            self.at = start
        return items

    def words_in(self, name: str) -> list[Node]:
        here = self.text[self.at]
        if here == "(":
            self.in_field = True
            items = self.group()
            self.in_field = False
        else:
            items = [Phrase(words) for words in self.quoted()] if here == '"' else self.run()
        return [Field(name, _loose(_one(items) if here != "(" else _sequence(items)))] if items else []

    def values_of(self, name: str) -> list[Node]:
        here = self.text[self.at]
        if here == "(":
            end = self.text.find(")", self.at)
            if end < 0:
                raise _Fault(said("no closing parenthesis"))
            values = [v for v in self.text[self.at + 1 : end].replace('"', " ").split() if v not in _OPERATORS]
            self.at = end + 1
        elif here == '"':
            values = self.quoted()
        else:
            values = self.raw_value()
        nodes = [self.value(name, value) for value in values]
        kept = [node for node in nodes if node is not None]
        if len(kept) < len(nodes) or not kept:
            return []
        return [kept[0] if len(kept) == 1 else Or(tuple(kept))]

    def raw_value(self) -> list[str]:
        found = _RUN.match(self.text, self.at)
        if found is None:
            return []
        self.at = found.end()
        value = found[0].rstrip(",;")
        return [value] if value else []

    def value(self, name: str, value: str) -> Node | None:
        self.count()
        try:
            return VALUES[name](value)
        except ValueError as e:
            self.notes.append(
                said("“%(term)s” %(why)s: searched as plain words", term=f"{name}:{value[:_SHOWN]}", why=e.args[0])
            )
            return None

    def run(self) -> list[Node]:
        """The words of what stands here up to a space, a quote or a parenthesis that is not its own."""
        found = _RUN.match(self.text, self.at)
        if found is None:
            self.at += 1
            return []
        self.at = found.end()
        self.explain(found[0])
        items: list[Node] = []
        for piece, starred in _pieces(found[0]):
            self.count()
            items.append(Prefix(piece) if starred else Word(piece))
        return items

    def explain(self, run: str) -> None:
        found = _FIELD_LIKE.match(run)
        if found is not None and found[1].lower() not in _FIELDS:
            self.notes.append(said("“%(field)s:” is not a field, searched as plain words", field=found[1]))

    def more(self) -> bool:
        """Skip spaces; whether something other than a closing parenthesis follows."""
        space = _SPACE.match(self.text, self.at)
        if space is not None:
            self.at = space.end()
        return self.at < len(self.text) and self.text[self.at] != ")"

    def operator(self, word: str) -> bool:
        """Read an operator if it stands here as a word of its own."""
        self.more()
        if not self.text.startswith(word, self.at):
            return False
        end = self.at + len(word)
        if end < len(self.text) and not (self.text[end].isspace() or self.text[end] in '()"'):
            return False
        self.at = end
        return True

    def deepen(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _Fault(_TOO_DEEP)

    def count(self) -> None:
        self.terms += 1
        if self.terms > MAX_TERMS:
            raise _Fault(said("longer than %(most)s words, the rest is left out", most=MAX_TERMS))


def _one(items: list[Node]) -> Node:
    """One node for what an operator or a field binds: the words of a compound belong together."""
    if len(items) == 1:
        return items[0]
    return Phrase(" ".join(item.text for item in items if isinstance(item, Word | Prefix)))
