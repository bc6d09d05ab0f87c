"""Another spelling for words that hardly any paper has: the nearest word of titles and names, then the commonest.

Whoever mistyped a word is not alone, so a rare word counts as unknown where a neighbour is much more frequent.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from broadsheet.search import lexical_schema as lexical
from broadsheet.search.lexical_query import Alike, Compiler
from broadsheet.search.query import And, Field, Must, Node, Or, Phrase, Prefix, Word

_LEAST = 4  # letters; shorter words have too many neighbours
_FAR = 8  # letters from which two edits are allowed, not one
_COMMONER = 50  # times that a neighbour has to be as frequent as the word it replaces
MISTAKES = 5
"""Papers that may have a word as a mistake, where the query finds something all the same."""

_VOCABULARIES = {"author": ("authors",), "title": ("plain",), "abstract": ("plain",), "venue": ("plain",)}


_REMEMBERED = 8
"""Letters of vocabularies, 1 MB each among 100,000 papers: who types a word asks for the same at each key."""


def suggest(compiler: Compiler, ast: Node, most: int | None = None) -> str | None:
    """The query with unknown words replaced, or None if none is unknown or has a near neighbour.

    Words that more than `most` papers have are left alone, which spares a look through all that begin like them.
    """
    better = _right(_Words(compiler, most), ast, None)
    return None if better == ast else str(better)


class _Words(NamedTuple):
    compiler: Compiler
    most: int | None


def _right(words: _Words, node: Node, field: str | None) -> Node:
    if isinstance(node, Word):
        return Word(_text(words, node.text, field))
    if isinstance(node, Phrase):
        return Phrase(_text(words, node.text, field))
    if isinstance(node, And):
        return And(tuple(_right(words, item, field) for item in node.items))
    if isinstance(node, Or):
        return Or(tuple(_right(words, item, field) for item in node.items))
    if isinstance(node, Field):
        return Field(node.name, _right(words, node.body, node.name))
    if isinstance(node, Must) and not isinstance(node.body, Prefix):
        return Must(Word(_text(words, node.body.text, field)))
    return node


def _text(words: _Words, text: str, field: str | None) -> str:
    """The text with its unknown words replaced."""
    for word in lexical.splitter().analyze(text):
        count = _frequency(words.compiler, word, field) if len(word) >= _LEAST else None
        if count is not None and (words.most is None or count <= words.most):
            names = _VOCABULARIES.get(field or "", ("plain", "authors"))
            near = neighbour(word, [_alike(words.compiler, name, word[0]) for name in names], _COMMONER * count)
            if near is not None:
                text = near if len(text) == len(word) else text.lower().replace(word, near)
    return text


def _frequency(compiler: Compiler, word: str, field: str | None) -> int:
    names = compiler.searcher.doc_freq("authors", word) if field in (None, "author") else 0
    return names + (compiler.frequency(word) if field != "author" else 0)


def _alike(compiler: Compiler, name: str, letter: str) -> Alike:
    """The words of a vocabulary that begin with a letter, which is rarely the wrong one, by their length."""
    memory = compiler.alike
    known = memory.get((name, letter))
    if known is None:
        found: dict[int, list[tuple[str, int]]] = defaultdict(list)
        for pair in compiler.searcher.terms_with_prefix(name, letter):
            found[len(pair[0])].append(pair)
        if len(memory) >= _REMEMBERED:
            memory.clear()
        known = memory[name, letter] = dict(found)
    return known


def neighbour(word: str, vocabularies: Sequence[Alike], least: int = 0) -> str | None:
    """The word nearest to this one, the commonest of them, within one edit, or two for a long word.

    Words in fewer than `least` papers do not count.
    """
    allowed = 1 if len(word) < _FAR else 2
    letters = set(word)
    found: list[tuple[int, int, int, str]] = []
    for number, vocabulary in enumerate(vocabularies):
        for length in range(len(word) - allowed, len(word) + allowed + 1):
            for other, count in vocabulary.get(length, ()):
                if count >= least and len(letters.symmetric_difference(other)) <= 2 * allowed and other != word:
                    far = distance(word, other, allowed)
                    if far <= allowed:
                        found.append((far, -count, number, other))
    return min(found)[-1] if found else None


def distance(a: str, b: str, most: int) -> int:
    """Insertions, deletions, replacements and swaps that lead from a to b; `most` + 1 if they are more."""
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        new = [i]
        for j, y in enumerate(b, 1):
            cost = min(row[j] + 1, new[j - 1] + 1, row[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, before[j - 2] + 1)
            new.append(cost)
        if min(new) > most:
            return most + 1
        before, row = row, new
    return min(row[-1], most + 1)
