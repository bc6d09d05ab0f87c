"""Finding papers by their words: an index on disk, derived from the store and never its only copy of anything.

One process writes, any number read. What was committed survives a crash at any moment, and how far the index has come
is committed with it. To put a paper again replaces it, so changes may be applied twice.
"""

import contextlib
import errno
import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Self

import tantivy
from msgspec import Struct

from broadsheet.errors import NoRoom, NotReadable, SearchIndexError
from broadsheet.search import lexical_read as read
from broadsheet.search import lexical_schema as lexical
from broadsheet.search.facets import FACET_SIZE, FACETS, facets
from broadsheet.search.files import replace_file, unreadable
from broadsheet.search.lexical_query import Compiler, FieldWeights
from broadsheet.search.lexical_read import LexicalHits
from broadsheet.search.memory import give_back
from broadsheet.search.query import Node
from broadsheet.search.suggest import suggest
from broadsheet.types import Change, Paper

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from broadsheet.search.links import Links

    Ids = NDArray[np.int64]

MEMORY = 128_000_000
"""Bytes that documents may take before they are written to disk as a segment, over all threads."""

STEP = 50_000
"""Papers worth a commit while the index is filled: each commit makes a segment that has to be merged later."""

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_NAME = "word index"
_REBUILD = "run `broadsheet reindex`"


class _Progress(Struct, frozen=True):
    seq: int = 0
    highest: int = 0


class LexicalIndex:
    """The word index in a folder; made there if there is none and `create` is set.

    Raises SearchIndexError where it is damaged or of another version, and where another process writes to it.
    """

    name = "words"
    step = STEP

    def __init__(
        self,
        folder: Path,
        *,
        create: bool = True,
        memory: int = MEMORY,
        threads: int = 1,
        weights: FieldWeights | None = None,
    ) -> None:
        self._folder, self._memory, self._threads = folder, memory, threads
        self._weights = weights or FieldWeights()
        self._links = None if create or os.access(folder, os.W_OK) else _links(folder)
        self._index = _open(folder, self._links.place if self._links else folder, create=create)
        self._writer: tantivy.IndexWriter | None = None
        self._stamp = _stamp(folder)
        self._compiler = self._compiling()
        self._come = self._progress()
        self._highest = self._come.highest
        self._pending = False

    @property
    def seq(self) -> int:
        """The outbox number that the last commit was told."""
        return self._seen().seq

    def count(self) -> int:
        """How many papers are in the index."""
        with _faults():
            searcher = self._newest().searcher
            return searcher.num_docs - bool(searcher.doc_freq("meta", lexical.META))

    def apply(self, changes: Iterable[tuple[Change, Paper | None]]) -> None:
        """Put and delete papers, in this order. Nothing is seen or kept before `commit`."""
        with self._given_up(), _faults():
            writer = self._writing()
            for change, paper in changes:
                self._pending = True
                if change.paper_id <= self._highest:
                    writer.delete_documents_by_term("id", change.paper_id)
                if change.op == "put" and paper is not None:
                    self._highest = max(self._highest, change.paper_id)
                    writer.add_document(lexical.document(change.paper_id, paper))

    def commit(self, seq: int) -> None:
        """Make what was applied durable and visible, together with `seq`."""
        with self._given_up(), _faults():
            writer = self._writing()
            writer.delete_documents_by_term("meta", lexical.META)
            writer.add_document(lexical.meta_document(seq, self._highest))
            writer.commit()
            self._pending = False
            self._refresh()
        give_back()

    def close(self) -> None:
        """Forget what was not committed, finish merges and let others write."""
        writer, self._writer = self._writer, None
        if writer is not None:
            with _faults():
                if self._pending:
                    writer.rollback()
                writer.wait_merging_threads()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def search(
        self,
        ast: Node,
        limit: int = 10,
        offset: int = 0,
        *,
        order: Literal["relevance", "date"] = "relevance",
        count: bool = True,
    ) -> LexicalHits:
        """The papers a query finds, best first, ties newest first; without words to rank by, newest first.

        `count` asks for the total, which is otherwise a lower bound.
        """
        with _faults():
            return read.search(self._newest(), ast, limit, offset, by_date=order == "date", count=count)

    def score(self, ast: Node, ids: Sequence[int]) -> dict[int, float]:
        """The scores of those of these papers that the query finds."""
        with _faults():
            return read.score(self._newest(), ast, ids)

    def scores(self, ast: Node, ids: "Ids") -> "NDArray[np.float64]":
        """A score for each paper, without the bare words it lacks; NaN where the query shuts it out."""
        with _faults():
            return read.scores(self._newest(), ast, ids)

    def which(self, ast: Node, ids: Sequence[int]) -> frozenset[int]:
        """Those of these papers that the query finds."""
        with _faults():
            return read.which(self._newest(), ast, ids)

    def since(self, ast: Node, after: int, limit: int) -> tuple[int, list[int]]:
        """How many papers with an id above `after` a query finds, and the ids of the newest of them."""
        with _faults():
            return read.since(self._newest(), ast, after, limit)

    def matching(self, ast: Node, limit: int) -> "Ids | None":
        """All papers the query finds, ids ascending; None if they are more than `limit`."""
        with _faults():
            return read.matching(self._newest(), ast, limit)

    def facets(
        self,
        ast: Node,
        fields: Sequence[str] = FACETS,
        size: int = FACET_SIZE,
        *,
        beside: Sequence[int] = (),
    ) -> dict[str, dict[str, int]]:
        """For each field the commonest values among the papers found and those `beside`, with how many have it."""
        with _faults():
            return facets(self._newest(), ast, fields, size, beside)

    def why(self, ast: Node, ids: Sequence[int]) -> dict[int, Mapping[str, float]]:
        """For each paper the words, phrases and prefixes of the query that it has, with what they add to its score."""
        with _faults():
            return read.why(self._newest(), ast, ids)

    def known(self, words: Collection[str]) -> frozenset[str]:
        """Those of these words, in any form, that papers have in title, abstract or venue."""
        with _faults():
            frequency = self._newest().frequency
            return frozenset(word for word in words if frequency(word))

    def suggest(self, ast: Node, most: int | None = None) -> str | None:
        """The query with words put right that no paper has, or hardly any; None where there is nothing better.

        With `most` only words that no more papers have.
        """
        with _faults():
            return suggest(self._newest(), ast, most)

    def _compiling(self) -> Compiler:
        return Compiler(self._index.searcher(), self._weights)

    def _newest(self) -> Compiler:
        """For the newest commit, whoever made it."""
        if _stamp(self._folder) != self._stamp:
            self._refresh()
        return self._compiler

    def _refresh(self) -> None:
        self._stamp = _stamp(self._folder)
        if self._links:
            self._links.renew()
        self._index.reload()
        self._compiler = self._compiling()
        self._come = self._progress()
        if self._writer is None:
            self._highest = self._come.highest

    def _seen(self) -> _Progress:
        with _faults():
            self._newest()
        return self._come

    def _progress(self) -> _Progress:
        with _faults():
            searcher = self._compiler.searcher
            found = searcher.search(tantivy.Query.term_query(lexical.schema(), "meta", lexical.META), 1).hits
            if not found:
                return _Progress()
            stored = searcher.doc(found[0][1])
            return _Progress(stored["seq"][0], stored["highest"][0])

    @contextlib.contextmanager
    def _given_up(self) -> Iterator[None]:
        """A writer that failed can do nothing more: let go of it and of what it did not commit."""
        try:
            yield
        except SearchIndexError:
            self._writer = None
            raise

    def _writing(self) -> tantivy.IndexWriter:
        if self._writer is None:
            try:
                self._writer = self._index.writer(self._memory, self._threads)
            except ValueError as e:
                if "LockBusy" in str(e):
                    raise SearchIndexError(_NAME, "another process is writing to it", "wait until it is done") from e
                raise SearchIndexError(_NAME, f"cannot be written ({e})", _REBUILD) from e
            with _faults():
                self._refresh()
                self._highest = self._come.highest
        return self._writer


def _links(folder: Path) -> "Links | None":
    from broadsheet.search.links import Links

    try:
        return Links(folder)
    except FileNotFoundError:
        return None
    except OSError as e:
        if isinstance(e, PermissionError) and str(e.filename) == str(folder):
            raise unreadable(_NAME, e) from e
        cause = f"neither its folder nor one for temporary files can be written ({e.strerror or e})"
        raise SearchIndexError(_NAME, cause, "set TMPDIR to a folder that can") from e


def _open(folder: Path, place: Path, *, create: bool) -> tantivy.Index:
    """The index in the folder, or a new one where there is none; `place` is by which it is read."""
    version, wanted = folder / "version", f"words {lexical.VERSION}\n"
    try:
        there = (folder / "meta.json").exists()
        if not there and not create:
            raise SearchIndexError(_NAME, f"there is none in {folder}", _REBUILD)
        if not there:
            folder.mkdir(parents=True, exist_ok=True)
            replace_file(version, wanted.encode())
        elif version.read_text(encoding="utf-8", errors="replace") != wanted:
            raise SearchIndexError(_NAME, "another version of Broadsheet made it", _REBUILD)
    except PermissionError as e:
        raise unreadable(_NAME, e) from e
    except OSError as e:
        raise SearchIndexError(_NAME, f"cannot be read ({e.strerror or e})", _REBUILD) from e
    with _faults():
        index = tantivy.Index.open(str(place)) if there else tantivy.Index(lexical.schema(), str(folder))
        index.config_reader("manual")
        return lexical.register(index)


def _stamp(folder: Path) -> tuple[int, int]:
    """Changes with every commit."""
    try:
        stat = os.stat(f"{folder}/meta.json")  # noqa: PTH116 - asked five times for a search, a path takes as long
    except OSError:
        return 0, 0
    return stat.st_ino, stat.st_mtime_ns


@contextlib.contextmanager
def _faults() -> Iterator[None]:
    """Whatever the engine says is wrong becomes one sentence; its panics derive from BaseException."""
    try:
        yield
    except (ValueError, OSError, RuntimeError) as e:
        if any(f"(os error {number})" in str(e) for number in _NO_ROOM):
            raise NoRoom(_NAME, "the disk takes no more", "free some space and run the command again") from e
        if "PermissionDenied" in str(e):
            cause = "its files cannot be read, or its folder cannot be written"
            raise NotReadable(_NAME, cause, "let the user that runs Broadsheet do both") from e
        if "ReadOnlyFilesystem" in str(e):
            cause, remedy = "its folder cannot be written, which even reading needs", "correct its permissions"
            raise SearchIndexError(_NAME, cause, remedy) from e
        raise SearchIndexError(_NAME, f"cannot be used ({e})", _REBUILD) from e
    except BaseException as e:
        if type(e).__name__ != "PanicException":
            raise
        raise SearchIndexError(_NAME, f"is damaged ({e})", _REBUILD) from None
