"""What an admin switches while it runs: sources, who may read, the categories. It is kept in the library.

What `config.toml`, the environment or an option says counts for more: whoever runs the machine has the last word.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from broadsheet import config
from broadsheet.errors import UsageError
from broadsheet.library.handle import Library
from broadsheet.words.said import said

OF_SOURCE: Final[Mapping[str, str]] = {
    "arxiv": "arxiv.enabled",
    "arxiv-oai": "arxiv.enabled",
    "huggingface": "huggingface.enabled",
    "github": "github.enabled",
    "semanticscholar": "semanticscholar.enabled",
    "openalex": "openalex.enabled",
}
"""The setting that switches each source."""

CATEGORIES: Final = "arxiv.categories"
OPEN: Final = ("access.anonymous", "access.sign_up")
SWITCHABLE: Final = (*dict.fromkeys(OF_SOURCE.values()), *OPEN, CATEGORIES)


@dataclass(frozen=True, slots=True)
class Switch:
    """A setting that an admin can change. `origin` says where its value comes from."""

    path: str
    value: Any
    origin: str
    help: str

    @property
    def is_fixed(self) -> bool:
        """Whether whoever runs the machine has set it."""
        return self.origin not in (config.DEFAULT, config.LIBRARY)


def switches(lib: Library) -> dict[str, Switch]:
    """All of them by path."""
    lib.refresh()
    helps = {row.path: row.help for row in config.table()}
    origins = lib.settings.origins
    return {p: Switch(p, config.value_of(lib.settings, p), origins[p], helps[p]) for p in SWITCHABLE}


def switch(lib: Library, path: str, value: bool | tuple[str, ...]) -> None:
    """Change a setting for all processes of this library; others see it within seconds.

    Raises UsageError for one that cannot be changed so.
    """
    from broadsheet.store import state
    from broadsheet.store import switches as stored

    found = switches(lib).get(path)
    if found is None:
        raise UsageError(said("setting %(path)s", path=path), "cannot be switched here", "set it in config.toml")
    if found.is_fixed:
        raise UsageError(
            said("setting %(path)s", path=path), said("is set by %(origin)s", origin=found.origin), "change it there"
        )
    with lib.store.writing() as conn:
        stored.put(conn, path, value)
        state.move(conn, lib.now())  # what was remembered may be for fewer people now
    lib.refresh()


def harvest_now(lib: Library, *sources: str) -> None:
    """Begin a harvest of these sources, or of all that are on, due or not. Raises StoreBusy while one is under way."""
    from broadsheet.library.harvest.pull import pull
    from broadsheet.library.index import learn_behind

    lib.background.begin(said("a harvest"), lambda progress: pull(lib, sources, force=True, progress=progress))
    learn_behind(lib)
