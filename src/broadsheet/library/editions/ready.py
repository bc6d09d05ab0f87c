"""The lists that most readers open first, ranked before they do: it takes seconds after a harvest and each hour."""

from broadsheet.library.editions.calendar import month
from broadsheet.library.editions.edition import edition
from broadsheet.library.editions.trending import trending
from broadsheet.library.fields import categories
from broadsheet.library.handle import Library


def prepare(lib: Library) -> None:
    """Rank the newest edition and what trends in the week, where that is not done; some milliseconds where it is."""
    month(lib, edition(lib, limit=0).month)
    trending(lib, limit=0)
    categories(lib)
