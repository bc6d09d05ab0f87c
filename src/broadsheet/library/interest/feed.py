"""The feed of an interest, at a secret address that can be taken back.

It brings what was listed for the interest in the last weeks, by whichever channel, and lists what is new: that counts
as shown, as a page or a digest would. So an entry stays where it was, and a reader sees a paper as new once.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from broadsheet.errors import NotFound
from broadsheet.library.access import secret
from broadsheet.library.address import address
from broadsheet.library.handle import Library
from broadsheet.library.interest.profiles import find_interest
from broadsheet.library.interest.recommend import recommend, today
from broadsheet.library.interest.recommendation import Ask
from broadsheet.library.readers import let_in
from broadsheet.types import Interest, Paper, Reader

CHANNEL: Final = "feed"
LASTS: Final = timedelta(days=30)
"""What was listed stays so long; programs that read feeds keep what they had."""

MOST: Final = 100


@dataclass(frozen=True, slots=True)
class InterestFeed:
    """An interest and what its feed has, the newest first."""

    reader: Reader
    interest: Interest
    papers: tuple[Paper, ...] = ()


def feed_address(lib: Library, interest: Interest) -> str | None:
    """Where the feed of an interest is; None where it has none."""
    from broadsheet.store import interests

    with lib.store.reading() as conn:
        found = interests.feed(conn, interest.id)
    return address(lib, f"for/{found}.atom") if found else None


def set_feed(lib: Library, reader: str | None, name: str, *, on: bool) -> str | None:
    """Give the feed of an interest a new address, which ends the one before, or none. Raises NotFound."""
    from broadsheet.store import interests

    _, interest = find_interest(lib, reader, name)
    with lib.store.writing() as conn:
        interests.set_feed(conn, interest.id, secret.make() if on else None, lib.now())
    return feed_address(lib, interest)


def own_feeds(lib: Library, who: Reader) -> list[tuple[Interest, str]]:
    """A reader's interests that have a feed, and the secret in its address."""
    from broadsheet.store import interests

    with lib.store.reading() as conn:
        own = [(i, interests.feed(conn, i.id)) for i in interests.of(conn, [who.id])]
    return [(interest, found) for interest, found in own if found]


def by_feed(lib: Library, shown: str) -> InterestFeed:
    """Whose interest a feed's address is about. Raises NotFound for one that was taken back."""
    from broadsheet.store import interests

    with lib.store.reading() as conn:
        found = interests.by_feed(conn, shown)
    if found is None:
        raise NotFound("feed", "is at no such address", "it may have been taken back")
    return InterestFeed(let_in(lib, found.reader_id), found)


def filled(lib: Library, there: InterestFeed) -> InterestFeed:
    """The feed with its papers. What is new is listed here, up to the length of a day's list, and counts as shown."""
    from broadsheet.store import papers
    from broadsheet.store import shown as store

    day = today(lib, there.reader).isoformat()
    with lib.store.reading() as conn:
        had = store.of_interest(conn, there.interest.id, lib.now() - LASTS, MOST)
    most = there.interest.profile.most or lib.settings.recommend.most
    left = most - sum(s.channel == CHANNEL and s.list == day for s in had)
    if left > 0:
        recommend(lib, Ask(there.reader.name, there.interest.name, left, channel=CHANNEL, asks=False))
    with lib.store.reading() as conn:
        had = store.of_interest(conn, there.interest.id, lib.now() - LASTS, MOST)
        read = dict(papers.by_ids(conn, [s.paper_id for s in had]))
    listed = tuple(read[s.paper_id] for s in had if s.paper_id in read)
    return InterestFeed(there.reader, there.interest, listed)
