"""The readers of a library. The first one who is named is made on the way: a laptop has one reader and no ceremony."""

import difflib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Final, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import structs

from broadsheet.digest import schedule
from broadsheet.errors import NotFound, UsageError
from broadsheet.library import names
from broadsheet.library.handle import Library
from broadsheet.types import SORTS, Interest, MarkKind, Preferences, Reader, Role, Theme, View
from broadsheet.words.said import said

if TYPE_CHECKING:
    from broadsheet.store import Connection

OWNER: Final = "me"
"""The name of the one reader of a library that was never told another."""

LONGEST_DISPLAY: Final = 100

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_NOT_IN_NAMES = re.compile(r"[^a-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class Details:
    """What may be said of a reader; None leaves it as it is."""

    display: str | None = None
    email: str | None = None
    zone: str | None = None
    role: str | None = None


@dataclass(frozen=True, slots=True)
class ReaderView:
    """A reader with what is theirs. `marks`: how many hold, by kind; `shown`: how many papers they saw as new.

    `seen`: when they were last here, by session, token or mark; None where nothing tells.
    """

    reader: Reader
    interests: tuple[Interest, ...]
    marks: dict[MarkKind, int]
    shown: int
    seen: datetime | None = None


def add_reader(lib: Library, name: str, details: Details | None = None) -> Reader:
    """A new reader; the first of a library administers it. Raises UsageError for a name that is taken or none."""
    from broadsheet.store import readers

    wanted = details or Details()
    name = checked_name(name)
    check_details(wanted)
    with lib.store.writing() as conn:
        if readers.named(conn, name):
            raise UsageError(said("reader %(name)s", name=name), "exists already", "choose another name")
        return _make(lib, conn, name, wanted)


def find_reader(lib: Library, name: str | None = None, *, make: bool = True) -> Reader:
    """The reader of that name; without a name the only one there is. `make`: the first of a library is made on the way.

    Raises NotFound for a name that nobody has, UsageError where none was given and there are several.
    """
    from broadsheet.store import readers

    with lib.store.reading() as conn:
        there = readers.every(conn)
    if not there and make:
        wanted = checked_name(name or OWNER)
        with lib.store.writing() as conn:
            return readers.named(conn, wanted) or _make(lib, conn, wanted, Details())
    if name is None:
        if len(there) > 1:
            raise UsageError(
                "reader", said("there are %(many)s", many=len(there)), said("say which: %(what)s", what=_listed(there))
            )
        return there[0]
    found = next((r for r in there if r.name == name.strip().lower()), None)
    if found is None:
        near = difflib.get_close_matches(name.lower(), [r.name for r in there], 1)
        hint = (
            said("did you mean %(name)s?", name=near[0])
            if near
            else said("`broadsheet reader add` adds one; there are %(names)s", names=_listed(there))
        )
        raise NotFound(said("reader %(name)s", name=repr(name)), "is not known", hint)
    return found


def find_owner(lib: Library) -> Reader:
    """Whom a library belongs to: its first admin, who is made where there is nobody yet."""
    from broadsheet.store import readers

    with lib.store.reading() as conn:
        there = readers.every(conn)
    return next((r for r in there if r.role == "admin"), None) or (there[0] if there else find_reader(lib))


def reader_by_id(lib: Library, reader_id: int) -> Reader:
    """The reader with this id. Raises NotFound for one who was removed."""
    from broadsheet.store import readers

    with lib.store.reading() as conn:
        found = readers.by_id(conn, reader_id)
    if found is None:
        raise NotFound("reader", "is no more", "ask for a new link")
    return found


def let_in(lib: Library, reader_id: int) -> Reader:
    """The reader with this id, who may come in. Raises NotFound for one who was removed or is disabled."""
    found = reader_by_id(lib, reader_id)
    if found.disabled:
        raise NotFound(said("reader %(name)s", name=found.name), "is disabled", "ask whoever runs this instance")
    return found


def preferences_of(lib: Library, reader: Reader) -> Preferences:
    """How a reader likes the pages."""
    from broadsheet.store import readers

    with lib.store.reading() as conn:
        return readers.preferences(conn, reader.id)


def zone_of(lib: Library, who: Reader) -> ZoneInfo | None:
    """The reader's zone, the library's where they named none; None is the system's."""
    name = who.zone or lib.settings.timezone
    return ZoneInfo(name) if name else None


def prefer(lib: Library, reader: Reader, liked: Preferences) -> None:
    """Change how a reader likes the pages. Raises UsageError for a theme, a view or an order that is none."""
    from broadsheet.store import readers

    choices = (
        ("theme", liked.theme, get_args(Theme)),
        ("view", liked.view, get_args(View)),
        ("sort", liked.sort, SORTS),
    )
    for what, given, known in choices:
        if given not in known:
            raise UsageError(f"{what} {given}", "is not known", said("choose from %(names)s", names=", ".join(known)))
    with lib.store.writing() as conn:
        readers.prefer(conn, reader.id, liked)


def set_disabled(lib: Library, name: str, *, disabled: bool) -> Reader:
    """Let a reader in no more, and end their sessions; or let them in again. What is theirs stays.

    Raises NotFound, or UsageError for the only admin.
    """
    from broadsheet.store import readers, sessions

    reader = find_reader(lib, name, make=False)
    with lib.store.writing() as conn:
        if disabled:
            _keep_an_admin(conn, reader, "disabled", stays=True)
            sessions.remove(conn, reader.id)
        changed = structs.replace(reader, disabled=(reader.disabled or lib.now()) if disabled else None)
        readers.change(conn, changed)
    return changed


def _keep_an_admin(conn: "Connection", leaving: Reader, what: str, *, stays: bool = False) -> None:
    """Raise UsageError where nobody else could administer the library of those who stay, themselves among them."""
    from broadsheet.store import readers

    others = [r for r in readers.every(conn) if r.id != leaving.id]
    if leaving.role == "admin" and (others or stays) and not any(r.role == "admin" and not r.disabled for r in others):
        raise UsageError(
            said("reader %(name)s", name=leaving.name),
            said("is the only admin and cannot be %(what)s", what=what),
            "make another reader an admin first",
        )


def list_readers(lib: Library) -> list[ReaderView]:
    """Everybody, the first one first."""
    from broadsheet.store import readers

    with lib.store.reading() as conn:
        seen = readers.last_seen(conn)
        return [replace(_view(conn, reader), seen=seen.get(reader.id)) for reader in readers.every(conn)]


def show_reader(lib: Library, name: str) -> ReaderView:
    """One reader. Raises NotFound."""
    reader = find_reader(lib, name, make=False)
    from broadsheet.store import readers

    with lib.store.reading() as conn:
        return replace(_view(conn, reader), seen=readers.last_seen(conn).get(reader.id))


def change_reader(lib: Library, name: str, details: Details, new_name: str | None = None) -> Reader:
    """Rename a reader, or say something else of them. Raises NotFound, or UsageError for what cannot be.

    By the clock of another zone a digest comes from now on; one that was due already still is.
    """
    from broadsheet.store import readers

    check_details(details)
    reader = find_reader(lib, name, make=False)
    changed = structs.replace(reader, role=_role(details.role) or reader.role)
    if details.display is not None:
        changed = structs.replace(changed, display=names.folded(details.display))
    if details.zone is not None:
        changed = structs.replace(changed, zone=details.zone)
    if details.email is not None:
        changed = structs.replace(changed, email=details.email or None)
    if new_name is not None:
        changed = structs.replace(changed, name=checked_name(new_name))
    with lib.store.writing() as conn:
        if changed.name != reader.name and readers.named(conn, changed.name):
            raise UsageError(said("reader %(name)s", name=changed.name), "exists already", "choose another name")
        if changed.role != "admin":
            _keep_an_admin(conn, reader, "made anything else")
        readers.change(conn, changed)
        if changed.zone != reader.zone:
            _set_clock(lib, conn, reader, changed)
        if changed.name != reader.name:
            _name_anew(conn, reader.name, changed.name)
    return changed


def _set_clock(lib: Library, conn: "Connection", before: Reader, changed: Reader) -> None:
    """Let digests come by the clock of a reader's new zone."""
    from broadsheet.store import deliveries, digests

    wanted, last = deliveries.get(conn, before.id), digests.newest(conn, before.id)
    if wanted is not None:
        old, new = zone_of(lib, before), zone_of(lib, changed)
        deliveries.put(conn, schedule.changed(wanted, old, wanted, new, last, lib.now()))


def _name_anew(conn: "Connection", before: str, after: str) -> None:
    """Let comments that name a reader go on doing so: the old name may be another's some day."""
    from broadsheet import prose
    from broadsheet.store import comments

    for comment in comments.naming(conn, before):
        text = prose.renamed(comment.text, before, after)
        if text != comment.text:
            comments.change(conn, structs.replace(comment, text=text))


def remove_reader(lib: Library, name: str) -> ReaderView:
    """Forget a reader, their marks and interests, for good. Returns what there was. Raises NotFound."""
    from broadsheet.store import attempts, deliveries, readers

    reader = find_reader(lib, name, make=False)
    with lib.store.writing() as conn:
        _keep_an_admin(conn, reader, "forgotten")
        gone, wanted = _view(conn, reader), deliveries.get(conn, reader.id)
        for email in filter(None, {reader.email, wanted.email if wanted else None}):
            attempts.forget_mail(conn, email)
        readers.remove(conn, reader.id, lib.now())
    return gone


def _make(lib: Library, conn: "Connection", name: str, details: Details) -> Reader:
    from broadsheet.store import readers

    role = _role(details.role) or ("reader" if readers.count(conn) else "admin")
    return readers.add(
        conn,
        name,
        lib.now(),
        display=names.folded(details.display or ""),
        email=details.email or None,
        zone=details.zone or "",
        role=role,
    )


def _view(conn: "Connection", reader: Reader) -> ReaderView:
    from collections import Counter

    from broadsheet.store import interests, marks, shown

    held = Counter(mark.kind for mark in marks.standing(conn, reader.id))
    return ReaderView(
        reader,
        tuple(interests.of(conn, [reader.id])),
        {kind: held[kind] for kind in marks.KINDS if held[kind]},
        shown.count(conn, reader.id),
    )


def checked_name(name: str) -> str:
    """A name as it is stored. Raises UsageError for one that cannot be."""
    folded = name.strip().lower()
    if not _NAME.fullmatch(folded):
        raise UsageError(
            said("reader name %(name)s", name=repr(name)),
            "must be letters a-z, digits, `.`, `_` or `-`, at most 64",
            "any other name can be given with --display",
        )
    return folded


def name_near(text: str) -> str:
    """The name that is nearest to a text, with room for some letters that tell it from another's."""
    return _NOT_IN_NAMES.sub("-", text.lower()).strip("._-")[:50] or "reader"


def free_name_near(lib: Library, text: str) -> str:
    """The same, and some letters by lot where somebody has it."""
    from broadsheet.store import readers

    name = name_near(text)
    with lib.store.reading() as conn:
        taken = readers.named(conn, name) is not None
    return f"{name}-{secrets.token_hex(2)}" if taken else name


def check_email(text: str) -> None:
    """Raises UsageError for what no mail can be sent to."""
    from broadsheet.digest.letter import is_address

    if not is_address(text):
        raise UsageError(said("e-mail address %(email)s", email=repr(text)), "is no mail address", "write name@host")


def check_details(details: Details) -> None:
    """Raises UsageError for what cannot be said of a reader."""
    if details.display:
        names.checked(said("reader"), details.display, LONGEST_DISPLAY)
    if details.email:
        check_email(details.email)
    if details.zone:
        try:
            ZoneInfo(details.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as e:
            raise UsageError(
                said("zone %(name)s", name=repr(details.zone)), "is not known", "write one such as Europe/Berlin"
            ) from e
    _role(details.role)


def _role(name: str | None) -> Role | None:
    return None if name is None else role_of(name)


def role_of(name: str) -> Role:
    """The role of that name. Raises UsageError that lists them."""
    roles: tuple[Role, ...] = get_args(Role)
    for role in roles:
        if role == name:
            return role
    raise UsageError(
        said("role %(name)s", name=name), "is not known", said("roles are %(known)s", known=", ".join(roles))
    )


def _listed(there: Sequence[Reader], most: int = 5) -> str:
    names = [reader.name for reader in there[:most]] or ["none yet"]
    return ", ".join(names) + (" …" if len(there) > most else "")
