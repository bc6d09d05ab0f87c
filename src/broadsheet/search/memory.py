"""Memory that was freed, given back to the system: what an import or a segment took shall not count twice.

glibc keeps what was freed in small pieces for itself; after an import of any length that is about 100 MB.
"""

import sys


def give_back() -> None:
    """Ask the C library to return what it keeps; nothing where there is no such call."""
    if sys.platform != "linux":
        return
    import ctypes  # what only reads need not load it

    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # musl has none
    if trim is not None:
        trim(0)
