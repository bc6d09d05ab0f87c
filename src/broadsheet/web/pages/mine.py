"""The reader's own list of the day, with why each paper is in it."""

from datetime import date
from typing import Final

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
CHANNEL: Final = "web"


@router.get("/mine")
def mine(request: Request, lib: Lib, who: SignedIn) -> str:
    """Today's list: made when it is first asked for, the same for the rest of the day."""
    day = today(lib, who.known)
    found = _todays(lib, who.known.name, day)
    papers = [entry.paper for entry in found.entries] + list(found.asked)
    with lib.store.still():
        work, new = work_of(request, lib), standing(lib, who.known).is_new
        return render.page(request, "mine.html", day=day, found=found, shows=papers, work=work, is_new=new)


def _todays(lib: Library, reader: str, day: date) -> Recommendation:
    """What was shown today; a short list of the terminal is filled up once."""
    again = Ask(reader, last=day, again=True)
    try:
        found = recommend(lib, again)
    except NotFound:
        return recommend(lib, Ask(reader, channel=CHANNEL))
    lacking = lib.settings.recommend.most - len(found.entries)
    if lacking < 1 or any(entry.channel == CHANNEL for entry in found.entries):
        return found
    return recommend(lib, again) if recommend(lib, Ask(reader, limit=lacking, channel=CHANNEL)).entries else found
