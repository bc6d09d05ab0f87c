"""Lists of papers as feeds: Atom (RFC 4287), RSS 2.0, JSON Feed 1.1, and OPML to subscribe to many. Pure.

An entry has one id wherever and whenever it is listed, so a reader's program shows a paper once; a new version of the
paper is a later `updated` under the same id. What changes by the hour (votes, ranks) is not in the entries' text, as
readers' programs would take that for news.
"""

from broadsheet.feeds.atom import to_atom
from broadsheet.feeds.json_feed import to_json_feed
from broadsheet.feeds.opml import Subscription, to_opml
from broadsheet.feeds.record import Feed, Item, Site
from broadsheet.feeds.rss import to_rss

__all__ = ["Feed", "Item", "Site", "Subscription", "to_atom", "to_json_feed", "to_opml", "to_rss"]
