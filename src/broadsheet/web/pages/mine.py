"""The reader's own list of the day, with why each paper is in it."""

from datetime import date

from fastapi import Request

from broadsheet.errors import NotFound
from broadsheet.library.handle import Library
from broadsheet.library.interest.recommend import recommend, today
from broadsheet.library.interest.recommendation import Ask, Recommendation
from broadsheet.library.welcome import standing
from broadsheet.web import render
from broadsheet.web.access import Lib, SignedIn
from broadsheet.web.pages.welcome import work_of
from broadsheet.web.routers import for_readers

router = for_readers()


@router.get("/mine")
def mine(request: Request, lib: Lib, who: SignedIn) -> str:
    """Today's list: made when it is first asked for, the same for the rest of the day."""
    day = today(lib, who.known)
    found = _todays(lib, who.known.name, day)
    papers = [entry.paper for entry in found.entries] + list(found.asked)
    work, new = work_of(request, lib), standing(lib, who.known).is_new
    return render.page(request, "mine.html", day=day, found=found, shows=papers, work=work, is_new=new)


def _todays(lib: Library, reader: str, day: date) -> Recommendation:
    try:
        return recommend(lib, Ask(reader, last=day, again=True))
    except NotFound:
        return recommend(lib, Ask(reader, channel="web"))
