"""Zotero libraries over their Web API: papers out of them into collections and interests, and collections into them.

What comes is asked for since the version that came last. What goes is compared with what is there first, and written on
the condition that nothing was changed meanwhile, so that a paper is there once, whatever breaks on the way.
"""

import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson

from broadsheet.cite.zotero import ids_in, to_zotero
from broadsheet.errors import FetchError, FormatError, SettingError, UsageError
from broadsheet.library.handle import Library, Progress, no_progress
from broadsheet.library.interest.profiles import InterestView, edit_interest
from broadsheet.library.readers import find_reader
from broadsheet.library.shelf import collections
from broadsheet.library.shelf.collections import Filed
from broadsheet.library.shelf.files import import_into
from broadsheet.net import Client, Response
from broadsheet.rank.profile import Said
from broadsheet.types import Paper

A_PAGE, A_WRITE = 100, 50
"""Items that one request gets and brings, at the most (Zotero Web API, version 3)."""

TRIES: Final = 3
"""How often a write begins anew because the library was changed meanwhile."""

_PLACE: Final = re.compile(r"(users|groups)/\d+(/collections/[A-Z0-9]{8})?")
_KEY: Final = re.compile(r"[\w-]{1,200}", re.ASCII)
_CHANGED: Final = 412


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of a collection that was written to Zotero; `failed`: titles, and what Zotero said of them."""

    written: int
    there: int
    failed: tuple[tuple[str, str], ...] = ()


def into_collection(
    lib: Library,
    reader: str | None,
    name: str,
    place: str,
    *,
    key: str | None = None,
    again: bool = False,
    takes_in: bool = True,
    progress: Progress = no_progress,
) -> Filed | None:
    """Put what is in a Zotero library, or one collection of it, into a reader's collection; None where nothing is new.

    `place` is `users/123`, `groups/123` or one of these with `/collections/ABCD2345`. Only what was changed since the
    last time, unless `again`. `key`: of the reader's own; None is that of the settings. `takes_in`: as `import_into`
    has it. Raises FetchError, UsageError for no place, SettingError without a key.
    """
    who = find_reader(lib, reader)
    note = f"zotero {who.id} {name} {place}"
    with _Items(lib, place, key, progress) as items:
        found, version = items.since(0 if again else _version(lib, note))
    filed = None
    if found:
        with _file_of(found) as file:
            filed = import_into(lib, who.name, name, [file], format="csl-json", takes_in=takes_in, progress=progress)
    _keep_version(lib, note, version)
    return filed


def into_interest(
    lib: Library, reader: str | None, name: str, place: str, progress: Progress = no_progress
) -> InterestView | None:
    """Let what is in a Zotero library be seeds of an interest; None where nothing is in it."""
    with _Items(lib, place, None, progress) as items:
        found, _ = items.since(0)
    if not found:
        return None
    with _file_of(found) as file:
        return edit_interest(lib, reader, name, Said(files=(file,)), progress)


def from_collection(
    lib: Library,
    reader: str | None,
    name: str,
    place: str,
    *,
    key: str | None = None,
    progress: Progress = no_progress,
) -> Sent:
    """Write a reader's collection to a Zotero library, into a collection of that name; what is there stays as it is.

    `key`: of the reader's own; None is that of the settings.
    """
    view = collections.papers(lib, reader, name)
    papers = [one.paper for one in view.papers or ()]
    with _Items(lib, place, key, progress) as items:
        for _ in range(TRIES - 1):
            try:
                return items.write(view.collection.name, papers)
            except FetchError as e:
                if e.status != _CHANGED:
                    raise
        return items.write(view.collection.name, papers)


class _Items:
    """One Zotero library, opened by `with`."""

    def __init__(self, lib: Library, place: str, key: str | None, progress: Progress) -> None:
        settings = lib.settings.zotero
        whose, key = ("setting zotero.key", settings.key) if key is None else ("the key for Zotero", key)
        if not _PLACE.fullmatch(place):
            raise UsageError(
                f"Zotero library {place!r}",
                "is no library of Zotero",
                "write users/123, groups/123 or …/collections/KEY",
            )
        if not _KEY.fullmatch(key):
            raise SettingError(whose, "is empty or no key", "make a key at https://www.zotero.org/settings/keys")
        self._client = Client(lib.settings, folder=lib.home)
        self._place, self._progress = place, progress
        self._url = f"{settings.url.rstrip('/')}/{place}"
        self._library = f"{settings.url.rstrip('/')}/{'/'.join(place.split('/')[:2])}"
        self._headers = {"Zotero-API-Key": key, "Zotero-API-Version": "3"}

    def __enter__(self) -> "_Items":
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def since(self, version: int) -> tuple[list[Any], int]:
        """The items that were changed since a version, as CSL-JSON, and the version now."""
        found: list[Any] = []
        now: int | None = None
        for answer in self._pages(f"{self._url}/items/top", {"format": "csljson", "since": str(version)}):
            found += _json(answer, dict).get("items", [])
            if now is None:  # of the first page: what is changed while the others come is asked for the next time
                now = int(answer.headers.get("last-modified-version", version))
            self._progress("zotero", len(found), int(answer.headers.get("total-results", 0)) or None)
        return found, version if now is None else now

    def write(self, name: str, papers: Sequence[Paper]) -> Sent:
        """Write what is not there yet. Raises FetchError with status 412 where the library was changed meanwhile."""
        key, version = self._collection(name)
        there: set[str] = set()
        for answer in self._pages(f"{self._library}/collections/{key}/items/top", {"format": "json"}):
            there.update(id for item in _json(answer, list) for id in ids_in(item["data"]))
            version = int(answer.headers.get("last-modified-version", version))
        fresh = [p for p in papers if not there & {p.key, *p.aliases}]
        failed: list[tuple[str, str]] = []
        for at in range(0, len(fresh), A_WRITE):
            some = fresh[at : at + A_WRITE]
            answer = self._post("items", [to_zotero(paper, key) for paper in some], version)
            version = int(answer.headers.get("last-modified-version", version))
            told = _json(answer, dict).get("failed", {})
            failed += [(some[int(n)].title, str(why.get("message", why))) for n, why in told.items()]
            self._progress("zotero", at + len(some), len(fresh))
        return Sent(len(fresh) - len(failed), len(papers) - len(fresh), tuple(failed))

    def _collection(self, name: str) -> tuple[str, int]:
        """The key of the collection to write to, which is made if need be, and the version of the library."""
        version = 0
        parent = self._place.partition("/collections/")[2]
        for answer in self._pages(f"{self._library}/collections", {"format": "json"}):
            version = int(answer.headers.get("last-modified-version", version))
            for one in _json(answer, list):
                if one["data"]["name"] == name and (one["data"].get("parentCollection") or "") == parent:
                    return one["key"], version
        made = {"name": name, **({"parentCollection": parent} if parent else {})}
        answer = self._post("collections", [made], version)
        try:
            return _json(answer, dict)["successful"]["0"]["key"], int(answer.headers.get("last-modified-version", 0))
        except KeyError as e:
            cause = f"does not make the collection ({answer.body[:200].decode(errors='replace')})"
            raise FetchError("zotero", cause, "look whether the key may write", permanent=True) from e

    def _pages(self, url: str, params: dict[str, str]) -> Iterator[Response]:
        start, total = 0, 1
        while start < total:
            asked = {**params, "limit": str(A_PAGE), "start": str(start)}
            answer = self._client.get(url, host="zotero", params=asked, private=self._headers)
            yield answer
            total, start = int(answer.headers.get("total-results", 0)), start + A_PAGE

    def _post(self, what: str, rows: list[Any], version: int) -> Response:
        headers = {**self._headers, "If-Unmodified-Since-Version": str(version)}
        return self._client.post(f"{self._library}/{what}", host="zotero", json=rows, private=headers)


@contextmanager
def _file_of(items: list[Any]) -> Iterator[str]:
    """Items in a file that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="broadsheet-") as folder:
        path = Path(folder) / "zotero.json"
        path.write_bytes(orjson.dumps(items))
        yield str(path)


def _json(answer: Response, kind: type) -> Any:
    try:
        found = orjson.loads(answer.body)
    except orjson.JSONDecodeError as e:
        raise FormatError("zotero", "answered what is no JSON", "try again later") from e
    if not isinstance(found, kind):
        raise FormatError("zotero", "answered JSON of another shape", "check zotero.url", permanent=True)
    return found


def _version(lib: Library, note: str) -> int:
    from broadsheet.store import cursors

    with lib.store.reading() as conn:
        return int(cursors.get(conn, note).get("version", 0))


def _keep_version(lib: Library, note: str, version: int) -> None:
    from broadsheet.store import cursors

    with lib.store.writing() as conn:
        cursors.put(conn, note, {"version": str(version)})
