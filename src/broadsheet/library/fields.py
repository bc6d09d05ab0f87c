"""The fields that readers choose: categories and archives of arXiv, and categories of the library's own papers."""

from collections.abc import Sequence

from broadsheet.errors import UsageError
from broadsheet.library.find import SearchAsk, search
from broadsheet.library.handle import Library
from broadsheet.words.said import said


def checked(lib: Library, named: Sequence[str]) -> tuple[str, ...]:
    """The fields as they are spelt, each once. Raises UsageError for a word that is none.

    It would keep every paper out, and nobody would know why.
    """
    from broadsheet.sources.arxiv_fields import KNOWN

    spelt = {name.casefold(): name for name in KNOWN}
    if any(name.casefold() not in spelt for name in named):
        spelt = {name.casefold(): name for name, _papers in categories(lib, most=1_000)} | spelt
    for name in named:
        if name.casefold() not in spelt:
            raise UsageError(
                said("field %(name)s", name=repr(name)),
                "is no category",
                "write some such as cs.CL or q-bio.NC, or say in words what you like",
            )
    return tuple(dict.fromkeys(spelt[name.casefold()] for name in named))


def categories(lib: Library, most: int = 24) -> tuple[tuple[str, int], ...]:
    """The categories that most papers are in, with how many; those that are harvested where nothing is indexed yet."""

    def count() -> list[tuple[str, int]]:
        found = search(lib, SearchAsk("", "keyword", 1, sort="new", facets=True)).facets.get("category", {})
        return sorted(found.items(), key=lambda row: (-row[1], row[0]))

    counted = lib.rankings.get(("categories", lib.engine.stamps()), count)
    return tuple(counted[:most]) or tuple((name, 0) for name in lib.settings.arxiv.categories)
