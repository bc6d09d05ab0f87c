"""The messages of a file or a pipe: one, or those of an mbox, each below a line `From …`. Pure.

A mail server that pipes one message into a program writes that line before it, too.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

LONGEST: Final = 2_000_000
"""Bytes of a message that are kept. What a report says stands before the mail that it sends back."""

_FROM: Final = re.compile(rb"From \S+ .*\d\d:\d\d.* \d{4}(?: [+-]\d{4})?\s*")
"""`From ada@example.org Thu Nov 20 07:00:00 2025`; a sentence that begins with "From" is none."""


def messages(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Each message, without its `From` line and cut at LONGEST; nothing where there is nothing."""
    kept: list[bytes] = []
    size, before = 0, b"\n"
    for line in lines:
        if not before.strip() and _FROM.fullmatch(line):
            yield from _whole(kept)
            kept, size = [], 0
        elif size < LONGEST:
            kept.append(line[: LONGEST - size])
            size += len(kept[-1])
        before = line
    yield from _whole(kept)


def _whole(kept: list[bytes]) -> Iterator[bytes]:
    message = b"".join(kept)
    if message.strip():
        yield message
