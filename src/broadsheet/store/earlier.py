"""Earlier texts: what parts of papers said in versions that later ones have replaced. Only ever added."""

from collections import defaultdict
from collections.abc import Collection, Iterable

from sqlalchemy import Connection, select

from broadsheet.store import bulk
from broadsheet.store.columns import to_micros
from broadsheet.store.prepared import Prepared
from broadsheet.store.schema.papers import earlier_text
from broadsheet.types import Earlier

_COLUMNS = "paper_id, part, version, until, title, abstract"

_e = earlier_text.c
_OF = Prepared(
    select(_e.paper_id, _e.part, _e.version, _e.until, _e.title, _e.abstract)
    .where(bulk.among(_e.paper_id, "ids"))
    .order_by(_e.paper_id, _e.part, _e.until, _e.version)
)


def keep(conn: Connection, texts: Iterable[tuple[int, Earlier]]) -> None:
    """Keep texts of papers, by store id; one that is there already stays."""
    rows = [(i, e.part, e.version, to_micros(e.until), _valid(e.title), _valid(e.abstract)) for i, e in texts]
    bulk.insert(conn, "earlier_text", _COLUMNS, rows, "ON CONFLICT (paper_id, part, version, until) DO NOTHING")


def of(conn: Connection, ids: Collection[int]) -> dict[int, list[Earlier]]:
    """The earlier texts of papers, of each part the oldest first; papers without any are left out."""
    found: dict[int, list[Earlier]] = defaultdict(list)
    for paper_id, *row in _OF.all(conn, ids=ids):
        found[paper_id].append(Earlier(*row))
    return dict(found)


def _valid(text: str) -> str:
    """What a column of text can hold: no half characters, and PostgreSQL no zeros."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "")
