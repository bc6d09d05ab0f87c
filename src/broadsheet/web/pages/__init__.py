"""The pages, a file each: a page reads its parameters, makes one library call and renders."""

from broadsheet.web.pages import (
    admin,
    comments,
    digests,
    edition,
    interests,
    mine,
    paper,
    search,
    settings,
    status,
    trending,
    welcome,
)

# In this order: the address of an edition is whatever no other page has.
ROUTERS = (
    search.router,
    trending.router,
    paper.router,
    comments.router,
    mine.router,
    interests.router,
    digests.router,
    settings.router,
    welcome.router,
    admin.router,
    status.router,
    edition.router,
)
