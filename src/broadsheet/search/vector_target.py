"""A set of vectors as an index that is brought up: papers are encoded and appended, deleted ones taken out."""

from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from broadsheet.search.filling import Changes
from broadsheet.search.lexical_schema import day_of
from broadsheet.search.vector_writer import VectorWriter
from broadsheet.text import plain

if TYPE_CHECKING:
    from broadsheet.search.encoder import Encoder

_COMPACT_AT = 0.25  # share of dead rows from which a set is written anew


def encoded_text(title: str, abstract: str) -> str:
    """What a paper's vector is made of."""
    title, abstract = plain(title), plain(abstract)
    return f"{title}. {abstract}" if abstract else title


class VectorTarget:
    """Writes one set; a context manager that holds the set's lock."""

    def __init__(self, folder: Path, encoder: "Encoder", *, step: int) -> None:
        self.name = f"meaning {encoder.name}"
        self.step = step
        self._encoder = encoder
        self._writer = VectorWriter(folder, model=encoder.name, dim=encoder.dim)

    @property
    def seq(self) -> int:
        """The outbox number up to which the set is complete."""
        return self._writer.manifest.seq

    def apply(self, changes: Changes) -> None:
        """Encode and append what was put, delete what is gone; the last word on a paper counts."""
        last = {change.paper_id: paper if change.op == "put" else None for change, paper in changes}
        put = [(paper_id, paper) for paper_id, paper in last.items() if paper is not None]
        self._writer.delete([paper_id for paper_id, paper in last.items() if paper is None])
        if put:
            self._writer.append(
                [paper_id for paper_id, _ in put],
                self._encoder.encode([encoded_text(paper.title, paper.abstract) for _, paper in put]),
                [day.toordinal() if (day := day_of(paper)) else 0 for _, paper in put],
                [paper.categories for _, paper in put],
            )

    def commit(self, seq: int) -> None:
        """Make what was applied visible."""
        manifest = self._writer.commit(seq)
        if manifest.dead > _COMPACT_AT * manifest.count:
            self._writer.compact()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.__exit__()
