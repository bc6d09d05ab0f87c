"""The reader's own list of the day, with why each paper is in it."""

from typing import Final

from fastapi import Request

from broadsheet.library.interest.recommend import today
from broadsheet.library.interest.todays import todays_list
from broadsheet.library.interest.welcome import standing
from broadsheet.web import render
from broadsheet.web.access import Lib, SignedIn
from broadsheet.web.pages.welcome import work_of
from broadsheet.web.routers import for_readers

router = for_readers()
CHANNEL: Final = "web"


@router.get("/mine")
def mine(request: Request, lib: Lib, who: SignedIn) -> str:
    """Today's list."""
    day, found = today(lib, who.known), todays_list(lib, who.known, CHANNEL)
    papers = [entry.paper for entry in found.entries] + list(found.asked)
    with lib.store.still():
        work, new = work_of(request, lib), standing(lib, who.known).is_new
        return render.page(request, "mine.html", day=day, found=found, shows=papers, work=work, is_new=new)
