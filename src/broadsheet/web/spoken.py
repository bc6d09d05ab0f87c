"""What pages and the API say in place of sentences that speak of commands and options, which nobody has there."""

from collections.abc import Mapping
from functools import cache
from typing import Final

from broadsheet.words.catalogue import Words, words
from broadsheet.words.said import said

_NOT_YET: Final = said("nothing can be found yet: no papers have come, or they are not indexed")

ON_PAGES: Final[Mapping[str, str]] = {
    "known: %(formats)s; say which with --format": said("give it as BibTeX, RIS or CSL-JSON"),
    "digest of %(name)s": said("digest"),
    "give one with --email": said("give one"),
    "any other name can be given with --display": said("any other name can be the one to be shown"),
    "--from takes a day of the past": said("choose a day of the past"),
    "`broadsheet search` finds keys": said("search for it"),
    "`broadsheet import %(id)s` asks arXiv for it": said("search for %(id)s: a button there asks arXiv for it"),
    "`broadsheet show` lists its ids": said("its page lists its ids"),
    "`broadsheet interest add %(name)s NAME` begins one": said("begin one on the page of your interests"),
    "`broadsheet interest edit %(name)s` changes it": said("change that one, or choose another name"),
    "`broadsheet interest list %(name)s` lists them": said("the page of your interests lists them"),
    "`broadsheet outlet list` has all": said("the page of your digests lists them"),
    "`broadsheet recommend %(name)s` makes today's": said("the page For you makes today's"),
    "`broadsheet reader add` adds one; there are %(names)s": said("ask whoever runs this instance"),
    "whoever runs it can set it with `broadsheet reader rename %(name)s --email %(email)s`": said(
        "whoever runs it can set it"
    ),
    "Nothing has been harvested yet: `broadsheet pull` does.": said("Nothing has been harvested yet."),
    "No source gave papers for this time; `broadsheet pull --from DAY` reaches further back.": said(
        "No source gave papers for this time."
    ),
    "No paper was news in this time; `broadsheet pull` fetches what there is.": said("No paper was news in this time."),
    "No paper was news in %(field)s in this time; `broadsheet pull` fetches what there is.": said(
        "No paper was news in %(field)s in this time."
    ),
    "The library has no papers with a day yet: `broadsheet up --once` harvests.": said(
        "The library has no papers with a day yet."
    ),
    "Everything of these days was shown to you or marked by you; `--again` lists the last list once more.": said(
        "Everything of these days was shown to you or marked by you."
    ),
    "Nothing is known of what you like, so these are the trending ones. Mark a few papers (`broadsheet mark "
    "%(name)s KEY up`), or begin an interest (`broadsheet interest add %(name)s NAME --about WORDS`).": said(
        "Nothing is known of what you like, so these are the trending ones. Mark a few papers, or begin an interest."
    ),
    "nothing is indexed yet; `broadsheet up --once` or `import` fills the library, `broadsheet reindex` indexes what "
    "it has": _NOT_YET,
    "the entry is not UTF-8; convert the file, as with `iconv -f latin1 -t utf-8`": said(
        "the entry is not UTF-8; save the file as UTF-8"
    ),
}
"""By the message of the shell."""

TO_READERS: Final[Mapping[str, str]] = {
    "outlets: %(many)s suspended, as they refuse; `broadsheet outlet list` says whose": said(
        "outlets: %(many)s suspended, as they refuse"
    ),
    "mail: the process that had %(many)s of the mails in hand has ended; `broadsheet digest send` goes on": said(
        "mail: the process that had %(many)s of the mails in hand has ended"
    ),
    "digests: %(many)s due since %(since)s, and not made; `broadsheet digest send` makes them, or says why not": said(
        "digests: %(many)s due since %(since)s, and not made"
    ),
    "mail: %(many)s suspended, as their address refuses; `broadsheet digest list` says whose": said(
        "mail: %(many)s suspended, as their address refuses"
    ),
    "index words: missing; `broadsheet reindex` builds it": said("index words: missing"),
    "index %(name)s: damaged; `broadsheet reindex` builds it anew": said("index %(name)s: damaged"),
    "index %(name)s: %(many)s changes behind; `broadsheet pull` brings it up": said(
        "index %(name)s: %(many)s changes behind"
    ),
}
"""What is wrong, for those who cannot mend it; admins are told the command."""


@cache
def words_of_pages(language: str) -> Words:
    """The words of a language as pages have them."""
    return words(language).rewording(ON_PAGES)
