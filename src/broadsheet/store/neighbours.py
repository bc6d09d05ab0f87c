"""The stored papers that may be the same as the records of one chunk, read at once and kept up to date in memory.

A chunk is decided record by record, and a later record may be about the work of an earlier one; so what was decided is
put back here, is `known` to the next record, and becomes one write for each paper however many records spoke of it.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from msgspec import structs

from broadsheet.codec import paper_from_json
from broadsheet.types import Action, Earlier, Intent, Known, Signal

_WEIGHT: Final[dict[Action, int]] = {"same": 0, "changed": 1, "merged": 2, "new": 3}


@dataclass(frozen=True, slots=True)
class Stored:
    """A decided paper and what the store keeps beside it.

    `blocks` are identity's blocking keys of all its parts, None where a stored paper keeps its own; `signals` come
    with the key of the part they count. `doc` is the paper as JSON, where that is made already. `earlier`: texts that
    end with the decision.
    """

    intent: Intent
    blocks: tuple[int, ...] | None = ()
    signals: tuple[tuple[str, Signal], ...] = ()
    doc: str | None = None
    earlier: tuple[Earlier, ...] = ()


def stored(
    intent: Intent,
    blocks: Iterable[int] | None,
    part: str | None = None,
    doc: str | None = None,
    earlier: tuple[Earlier, ...] = (),
) -> Stored:
    """What to store for an intent. `part`: key of the part that its signals count; the paper itself by default."""
    owner = part or intent.paper.key
    signals = tuple([(owner, signal) for signal in intent.signals])
    return Stored(intent, None if blocks is None else tuple(blocks), signals, doc, earlier)


@dataclass(slots=True, eq=False)
class _Entry:
    """A paper of the chunk: its documents until someone asks for the records, and what was decided since."""

    doc: str = ""
    part_docs: Sequence[str] = ()
    blocks: set[int] = field(default_factory=set)
    known: Known | None = None
    pending: Stored | None = None

    def read(self) -> Known:
        if self.known is None:
            paper = paper_from_json(self.doc)
            self.known = Known(paper, tuple(map(paper_from_json, self.part_docs)) or (paper,))
        return self.known

    def stored_key(self) -> str | None:
        """The key that the database has for it, which may differ from the one that was decided since."""
        return paper_from_json(self.doc).key if self.doc else None


@dataclass(slots=True)
class Neighbours:
    """See the module. `distinct` are the pairs of part keys that a person has taken apart."""

    distinct: Collection[frozenset[str]] = frozenset()
    _by_alias: dict[str, _Entry] = field(default_factory=dict)
    _by_block: dict[int, list[_Entry]] = field(default_factory=dict)
    _pending: dict[_Entry, None] = field(default_factory=dict)

    def known(self, ids: Iterable[str], blocks: Iterable[int]) -> list[Known]:
        """The papers that share an alias or a blocking key; those that share an alias first."""
        found: dict[_Entry, None] = {}
        for alias in ids:
            if (entry := self._by_alias.get(alias)) is not None:
                found[entry] = None
        for block in blocks:
            if (entries := self._by_block.get(block)) is not None:
                found.update(dict.fromkeys(entries))
        for entry in found:
            if entry.known is None:
                self._name(entry, entry.read().paper.aliases)
        return [entry.read() for entry in found]

    def put(self, decided: Stored) -> None:
        """Take a decision in: later records of the chunk know it, and `pending` has it.

        A decision of action "same" brings its signals and earlier texts only.
        """
        entry = self._of(decided.intent)
        for other in self._absorbed(decided.intent, entry):
            self._join(other, entry)
            if other.pending is not None:
                decided = _after(other.pending, decided)
            decided = _absorbing(other.stored_key(), decided)
        if decided.intent.action == "same" and not (decided.signals or decided.earlier):
            return
        entry.pending = decided if entry.pending is None else _after(entry.pending, decided)
        self._pending[entry] = None
        if decided.intent.action != "same" or not (entry.known or entry.doc):
            self._renew(entry, decided)

    @property
    def pending(self) -> list[Stored]:
        """What `papers.apply` shall write: one item for each paper that was decided upon, in order of the first."""
        return [entry.pending for entry in self._pending if entry.pending is not None]

    def add(self, aliases: Iterable[str], blocks: Iterable[int], doc: str, part_docs: Sequence[str] = ()) -> None:
        """Take in a paper of the database with those of its aliases and blocking keys that were looked up."""
        entry = _Entry(doc, part_docs)
        self._name(entry, aliases)
        self._block(entry, blocks)

    def _of(self, intent: Intent) -> _Entry:
        gone = {self._by_alias.get(key) for key in intent.absorbs}
        for alias in (intent.paper.key, *intent.paper.aliases):
            entry = self._by_alias.get(alias)
            if entry is not None and entry not in gone:
                return entry
        return _Entry()

    def _absorbed(self, intent: Intent, into: _Entry) -> list[_Entry]:
        if not intent.absorbs:
            return []
        named = (self._by_alias.get(key) for key in intent.absorbs)
        return list(dict.fromkeys(entry for entry in named if entry is not None and entry is not into))

    def _join(self, gone: _Entry, into: _Entry) -> None:
        self._pending.pop(gone, None)
        for block in gone.blocks:
            self._by_block[block].remove(gone)
        self._block(into, gone.blocks)
        self._name(into, gone.read().paper.aliases)

    def _renew(self, entry: _Entry, decided: Stored) -> None:
        intent = decided.intent
        entry.known = Known(intent.paper, intent.parts or (intent.paper,))
        self._name(entry, (intent.paper.key, *intent.paper.aliases))
        self._block(entry, decided.blocks or ())

    def _name(self, entry: _Entry, aliases: Iterable[str]) -> None:
        for alias in aliases:
            self._by_alias[alias] = entry

    def _block(self, entry: _Entry, blocks: Iterable[int]) -> None:
        for block in blocks:
            if block not in entry.blocks:
                entry.blocks.add(block)
                self._by_block.setdefault(block, []).append(entry)


def _absorbing(key: str | None, decided: Stored) -> Stored:
    intent = decided.intent
    if key is None or key in intent.absorbs:
        return decided
    return replace(decided, intent=structs.replace(intent, absorbs=(*intent.absorbs, key)))


def _after(first: Stored, second: Stored) -> Stored:
    """Two decisions upon one paper as one."""
    last = first if second.intent.action == "same" else second
    action = max(first.intent.action, second.intent.action, key=_WEIGHT.__getitem__)
    absorbs = tuple(dict.fromkeys((*first.intent.absorbs, *second.intent.absorbs)))
    intent = structs.replace(last.intent, action=action, absorbs=absorbs)
    blocks = first.blocks if last.blocks is None else last.blocks
    return Stored(intent, blocks, first.signals + second.signals, last.doc, first.earlier + second.earlier)
