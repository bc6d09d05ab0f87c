"""Libraries to test with: copies of ones that each process makes once, much faster than making each."""

import shutil
import tempfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from broadsheet import config
from broadsheet.library.handle import Library
from broadsheet.library.harvest import demo
from broadsheet.store import Store

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
"""When the sample edition is of today: a Friday morning."""

Clock = Callable[[], datetime]


def now_of_the_sample() -> datetime:
    return NOW


def library_at(home: Path, options: Mapping[str, object] | None = None, now: Clock | None = None) -> Library:
    """The library of a home, where there is none an empty one; it finds by words alone unless an option names more."""
    if not (home / "library.db").exists():
        copy_empty(home / "library.db")
    return _opened(home, options, now)


def sample_at(home: Path, options: Mapping[str, object] | None = None, now: Clock = now_of_the_sample) -> Library:
    """A library of the sample edition of 20 November 2026, found by words alone."""
    shutil.copytree(_sample_home(), home, dirs_exist_ok=True)
    return _opened(home, options, now)


def copy_empty(place: Path) -> None:
    """Put the database of an empty library at this path; its folder is made."""
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(_empty_database(), place)


def _opened(home: Path, options: Mapping[str, object] | None, now: Clock | None) -> Library:
    settings = config.load({}, home=home, options={"encoder": "none", **(options or {})})
    return Library(settings, now=now) if now else Library(settings)


@cache
def _scratch() -> "tempfile.TemporaryDirectory[str]":
    return tempfile.TemporaryDirectory(prefix="broadsheet-tests-")


@cache
def _empty_database() -> Path:
    path = Path(_scratch().name) / "empty" / "library.db"
    path.parent.mkdir()
    Store.open(path).close()
    return path


@cache
def _sample_home() -> Path:
    home = Path(_scratch().name) / "sample"
    with library_at(home, now=now_of_the_sample) as lib:
        demo.load(lib)
    return home
