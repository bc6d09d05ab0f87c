"""The pages, a file each: a page reads its parameters, makes one library call and renders."""

from broadsheet.web.pages import (
    admin,
    by_link,
    collections,
    comments,
    digests,
    edition,
    interests,
    mine,
    outlets,
    paper,
    passkeys,
    saved,
    search,
    settings,
    status,
    trending,
    welcome,
)

__all__ = ["ROUTERS", "edition"]

ROUTERS = (  # but the edition, which comes before all
    by_link.router,
    search.router,
    trending.router,
    paper.router,
    collections.router,
    mine.router,
    comments.router,
    interests.router,
    saved.router,
    outlets.router,  # before the digests, one of which any name could be
    digests.router,
    settings.router,
    passkeys.router,
    welcome.router,
    admin.router,
    status.router,
)
