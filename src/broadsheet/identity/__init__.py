"""Is this the same work? Pure: a record, the papers it may be, and a time go in; what to store comes out."""

from broadsheet.identity.blocking import fingerprint, fingerprints
from broadsheet.identity.decide import apart, decide, may_join, merge, split
from broadsheet.identity.parts import ids_of, join, to_paper, update
from broadsheet.identity.replaced import replaced
from broadsheet.identity.verdict import compare

__all__ = [
    "apart",
    "compare",
    "decide",
    "fingerprint",
    "fingerprints",
    "ids_of",
    "join",
    "may_join",
    "merge",
    "replaced",
    "split",
    "to_paper",
    "update",
]
