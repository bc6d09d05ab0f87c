"""Backup while the library is in use, restore, and the check of everything that must agree."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import orjson
from sqlalchemy import Connection, func, select

from broadsheet.errors import NotFound, StoreDamaged, StoreError
from broadsheet.store import files, outbox, papers
from broadsheet.store.database import Store
from broadsheet.store.schema.papers import alias, announcement, part, signal
from broadsheet.store.schema.papers import outbox as outbox_table
from broadsheet.store.schema.papers import paper as paper_table
from broadsheet.store.schema.readers import collection_paper, mark, shown

MOST_PROBLEMS = 50


def backup(store: Store, path: Path) -> int:
    """Write a whole, checked copy of the library to `path` while others write; returns its size in bytes.

    The copy appears under its name only when it is complete, and its owner alone may read it. Raises StoreError where
    it cannot be made.
    """
    if store.path is None:
        raise StoreError(store.subject, "is on a server", f"`pg_dump --format=custom --file={path}` makes its backup")
    subject = f"backup {path}"
    if path.exists() and path.samefile(store.path):
        raise StoreError(subject, "is the library itself", "choose another file")
    if path.exists() and not path.is_file():
        raise StoreError(subject, "is no file", "choose another name")
    made = path.with_name(f".{path.name}.part")
    with files.translated(subject):
        if path.exists() and path.stat().st_size and not files.is_database(path):
            raise StoreError(subject, "is another file, which would be lost", "choose another name")
    with files.translated(subject):
        try:
            files.copy_into(store.path, made)
            files.verify(made, subject, "quick_check")
            files.flush(made)
            size = made.stat().st_size
            made.replace(path)
            files.flush(path)
        finally:
            files.discard(made)
    return size


def restore(path: Path, target: Path) -> Path | None:
    """Put the copy at `path` in place of the library at `target`; returns where the old library is kept.

    The copy is checked before anything is touched, and the library is at any moment the old one or the new one.
    Raises StoreBusy while another process has the library open, StoreDamaged where the copy is not whole.
    """
    subject = f"backup {path}"
    if not path.is_file():
        cause = "is a folder" if path.is_dir() else "does not exist"
        raise NotFound(subject, cause, "choose a file that `broadsheet backup` wrote")
    if target.exists() and path.samefile(target):
        raise StoreError(subject, "is the library itself", "choose a file that `broadsheet backup` wrote")
    made = target.with_name(f".{target.name}.restoring")
    try:
        with files.translated(subject):
            if not files.is_database(path):
                raise StoreDamaged(subject, "is no database", "choose a file that `broadsheet backup` wrote")
            _copy_checked(path, made, subject)
            files.begin_life(made)
            files.be_read_as(made, target)
        with files.translated(f"library {target}"):
            return _put_in_place(made, target)
    finally:
        files.discard(made)


def _copy_checked(path: Path, made: Path, subject: str) -> None:
    try:
        with files.translated(subject):
            files.copy_whole(path, made)
            files.verify(made, subject, "integrity_check")
            with closing(files.connect(made)) as connection:
                files.check_is_library(connection, subject)
    except StoreDamaged as e:
        raise StoreDamaged(subject, e.cause, "use another backup") from e


def check(store: Store) -> list[str]:
    """What is wrong with a library, a sentence each; empty when all agrees. Reads everything: minutes for a million."""
    try:
        with store.reading() as conn:
            found = _sqlite_problems(conn) if store.path else []
            # In a damaged file the questions below would only repeat what the first said.
            return found or [problem for problem, _ in zip(_disagreements(conn), range(MOST_PROBLEMS), strict=False)]
    except StoreError as e:
        return [str(e)]


def _put_in_place(made: Path, target: Path) -> Path | None:
    if not target.exists():
        made.replace(target)
        files.flush(target)
        return None
    kept = _free_name(target)
    with files.exclusively(target):
        for side in files.side_files(target):
            # Left behind by a damaged library only; a log beside another library would be played into it.
            if side.exists():
                side.replace(kept.with_name(kept.name + side.name.removeprefix(target.name)))
        kept.hardlink_to(target)
        made.replace(target)
        files.flush(target)
    return kept


def _free_name(target: Path) -> Path:
    kept = target.with_name(f"{target.name}.before-restore")
    number = 2
    while kept.exists():
        kept = target.with_name(f"{target.name}.before-restore-{number}")
        number += 1
    return kept


def _sqlite_problems(conn: Connection) -> list[str]:
    found = [row[0] for row in conn.exec_driver_sql("PRAGMA integrity_check(20)") if row[0] != "ok"]
    for table, _, parent, _ in conn.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(20):
        found.append(f"a row of {table} belongs to no row of {parent}")
    return found


def _disagreements(conn: Connection) -> Iterator[str]:
    for table in (alias, announcement, part, signal, mark, shown, collection_paper):
        lost = table.c.paper_id.not_in(select(paper_table.c.id))
        if many := conn.scalar(select(func.count()).select_from(table).where(lost)):
            yield f"{many} rows of {table.name} belong to no paper"
    last = conn.scalar(select(func.max(outbox_table.c.seq))) or 0
    if last > outbox.head(conn):
        yield f"the outbox has number {last}, but its counter is at {outbox.head(conn)}"
    names = conn.scalar(select(func.count()).select_from(alias)) or 0
    for page in _pages(conn):
        names -= sum(len(aliases) for _, aliases in page.values())
        yield from _paper_problems(conn, page)
    if names:
        yield f"{names} aliases are in no paper's document"


def _pages(conn: Connection) -> Iterator[dict[int, tuple[str, list[str]]]]:
    page: dict[int, tuple[str, list[str]]] = {}
    for paper_id, text in papers.iterate_docs(conn):
        try:
            doc = orjson.loads(text)
        except ValueError:
            doc = {}
        page[paper_id] = doc.get("key", ""), doc.get("aliases", [])
        if len(page) == papers.PAGE:
            yield page
            page = {}
    yield page


def _paper_problems(conn: Connection, page: dict[int, tuple[str, list[str]]]) -> Iterator[str]:
    owners = papers.ids(conn, [name for _, aliases in page.values() for name in aliases])
    for paper_id, (key, aliases) in page.items():
        if key not in aliases:
            yield f"paper {paper_id} has a document that cannot be read"
        lost = [name for name in aliases if owners.get(name) != paper_id]
        if lost:
            yield f"paper {key} is not found under its id {lost[0]}"
