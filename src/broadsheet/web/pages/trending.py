"""What trends now, over a day, week or month, in all fields or one, with the parts of each score."""

from typing import Final

from fastapi import Request, Response

from broadsheet.library.editions.trending import trending
from broadsheet.library.fields import categories
from broadsheet.library.handle import Library
from broadsheet.web import render
from broadsheet.web.access import Lib
from broadsheet.web.answers import page_of
from broadsheet.web.pages.numbers import PageNumber
from broadsheet.web.routers import for_readers

PAGE: Final = 50
WINDOWS: Final = ("day", "week", "month")
FIELDS: Final = 14
"""Fields that have a tab: those with most papers."""

router = for_readers()


@router.get("/trending")
def trends(
    request: Request, lib: Lib, window: str = "week", cat: str = "", rising: bool = False, page: PageNumber = 1
) -> Response:
    """A page of what trends, or of what is rising."""
    return page_of(request, lambda: _made(request, lib, window, cat, rising, page))


def _made(request: Request, lib: Library, window: str, cat: str, rising: bool, page: int) -> str:
    chosen = window if window in WINDOWS else "week"
    found = trending(lib, window=chosen, field=cat, rising=rising, limit=PAGE, offset=(page - 1) * PAGE)
    return render.page(
        request,
        "trending.html",
        shows=[entry.paper for entry in found.entries],
        found=found,
        windows=WINDOWS,
        fields=categories(lib, FIELDS),
        page=page,
        size=PAGE,
    )
