"""Mails that came back: read wherever a mail server leaves them, and counted as if the server had refused them at once.

A report counts for the mail whose Message-ID it names, and so for the address that this mail went to: what else it says
of whom it is about is not looked at. The same report again changes nothing.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from broadsheet.digest.mailbox import LONGEST, messages
from broadsheet.digest.returned import Report, read
from broadsheet.errors import NotFound, NotUnderstood, StoreError
from broadsheet.library.handle import Library
from broadsheet.library.mails.post import SUSPENDED_AFTER
from broadsheet.types import Drop

SOURCE: Final = "returned"
_UNKNOWN: Final = "is about no mail of this library"
_READ, _UNREAD = ":2,S", ":2,"
"""What a Maildir's file bears behind its name: what was not understood is left for a person to read."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message and where it lies; `file`: in a Maildir, where it is put aside once it was looked at."""

    at: str
    wire: bytes
    file: Path | None = None


@dataclass(frozen=True, slots=True)
class Returns:
    """What came back. `known`: reports of what was known to have failed; `suspended`: whose digests ended by it."""

    failed: int
    delayed: int
    arrived: int
    known: int
    suspended: int
    drops: tuple[Drop, ...]


def take_back(lib: Library, found: Iterable[Message | Drop]) -> Returns:
    """Read reports, and note which mails failed. Whatever is no report, or about no mail of ours, is dropped."""
    counted: Counter[str] = Counter()
    drops = []
    for one in found:
        if isinstance(one, Drop):
            drops.append(one)
            continue
        try:
            counted.update(_note(lib, read(one.wire)))
            _put_aside(one, _READ)
        except NotUnderstood as e:
            drops.append(Drop(SOURCE, one.at, e.cause))
            _count(lib, e.cause)
            _put_aside(one, _UNREAD)
    return Returns(
        counted["failed"],
        counted["delayed"],
        counted["arrived"],
        counted["known"],
        counted["suspended"],
        tuple(drops),
    )


def lying(places: Sequence[Path]) -> Iterator[Message | Drop]:
    """The messages of files and mbox files, and what is new in Maildirs. Raises NotFound before any."""
    for place in places:
        if not place.exists():
            raise NotFound(f"mailbox {place}", "is not there", "name a file or a Maildir")
    for place in places:
        is_maildir = (place / "new").is_dir()
        folder = place / "new" if is_maildir else place
        for file in sorted(folder.iterdir()) if place.is_dir() else [place]:
            if file.is_file():
                yield from _of_file(file, new=is_maildir)


def piped(stream: BinaryIO) -> Iterator[Message]:
    """The messages of a pipe, one or many."""
    return (Message(f"message {number}", wire) for number, wire in enumerate(messages(stream), 1))


def _of_file(file: Path, *, new: bool) -> Iterator[Message | Drop]:
    """`new`: as a Maildir has it, one message in a file, which is put aside."""
    try:
        with file.open("rb") as stream:
            if new:
                yield Message(str(file), stream.read(LONGEST), file)
                return
            for number, wire in enumerate(messages(stream), 1):
                yield Message(f"{file}, message {number}", wire)
    except OSError as e:
        yield Drop(SOURCE, str(file), f"cannot be read ({e.strerror or e})")


def _note(lib: Library, report: Report) -> dict[str, int]:
    """What is counted of a report. Raises NotUnderstood where it is about no mail of ours."""
    from broadsheet.store import deliveries, mails, returns

    with lib.store.writing() as conn:
        about = mails.named(conn, report.mails) if report.mails else None
        if about is None:
            raise NotUnderstood(_UNKNOWN)
        if report.outcome != "failed":
            returns.add(conn, {report.outcome: 1}, lib.now())
            return {report.outcome: 1}
        if not mails.came_back(conn, about, report.said, lib.now()):
            return {"known": 1}
        returns.add(conn, {"failed": 1}, lib.now())
        ended = about.state != "handing"
        return {
            "failed": 1,
            "suspended": deliveries.refused(conn, about, mails.CAME_BACK + report.said, lib.now(), SUSPENDED_AFTER)
            if ended
            else 0,
        }


def _count(lib: Library, cause: str) -> None:
    from broadsheet.store import returns

    with lib.store.writing() as conn:
        returns.add(conn, {cause: 1}, lib.now())


def _put_aside(message: Message, flags: str) -> None:
    """Out of what is new in its Maildir, so that nothing reads it again; a person still finds it."""
    if message.file is None:
        return
    seen = message.file.parent.parent / "cur" / (message.file.name.partition(":")[0] + flags)
    try:
        message.file.rename(seen)
    except FileNotFoundError:  # a mail program has moved it meanwhile
        return
    except OSError as e:
        raise StoreError(f"mailbox {seen.parent}", f"cannot be written ({e.strerror or e})", "look at who may") from e
