"""The `digest` commands: what readers get by mail, when, and what became of it."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from broadsheet.cli import output
from broadsheet.cli.options import AsJson, Home, ReaderName, calculate_singly, open_library
from broadsheet.cli.stopping import Stop, stoppable

if TYPE_CHECKING:
    from datetime import time

    from broadsheet.library.digests.deliver import Delivered
    from broadsheet.library.digests.returned import Returns
    from broadsheet.library.digests.subscription import Subscription
    from broadsheet.types import Cadence

app = typer.Typer(help="Papers by mail: for whom, when, and what became of it.", no_args_is_help=True)

_COME_AGAIN = 75
"""EX_TEMPFAIL of sysexits.h: a mail server keeps what it piped in and tries again; 1 would send it back."""

OfReader = Annotated[str | None, typer.Option("--reader", metavar="READER", help="Only of this reader.")]


@app.command()
def on(
    reader: ReaderName,
    email: Annotated[str | None, typer.Option("--email", help="Where it goes, if not to the reader's address.")] = None,
    at: Annotated[str | None, typer.Option("--at", metavar="HH:MM", help="When, in the reader's zone; 07:00.")] = None,
    zone: Annotated[str | None, typer.Option("--zone", help="The reader's time zone, such as Europe/Berlin.")] = None,
    daily: Annotated[bool, typer.Option("--daily", help="Every day, also where there is only a reason.")] = False,
    news: Annotated[bool, typer.Option("--news", help="Each day that has something (as it is by default).")] = False,
    weekly: Annotated[
        str | None, typer.Option("--weekly", metavar="DAY", help="Each week on this day, such as monday.")
    ] = None,
    section: Annotated[
        list[str] | None,
        typer.Option("--section", help="In order: interests, searches, trending, authors, rising."),
    ] = None,
    most: Annotated[int | None, typer.Option("--most", min=1, max=25, help="The most papers.")] = None,
    confirmed: Annotated[
        bool, typer.Option("--confirmed", help="The address is yours, or its owner agreed: ask no more.")
    ] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Switch a reader's digest on, or change it; an address that is new is asked by mail first."""
    from broadsheet.library.digests.subscription import Wanted, turn_on
    from broadsheet.library.mails.post import is_set_up
    from broadsheet.library.readers import Details, change_reader, find_reader

    cadence, weekday = _cadence(daily=daily, news=news, weekly=weekly)
    said = Wanted(email, cadence, weekday, _time(at), tuple(section) if section else None, most)
    with open_library(home) as lib:
        who = find_reader(lib, reader)
        if zone is not None:
            who = change_reader(lib, who.name, Details(zone=zone))
        found = turn_on(lib, who, said, confirmed=confirmed)
        _tell_subscription(found, as_json=as_json, mails=is_set_up(lib))


@app.command()
def off(reader: ReaderName, home: Home = None, as_json: AsJson = False) -> None:
    """Switch a reader's digest off; what is queued is not sent."""
    from broadsheet.library.digests.subscription import turn_off
    from broadsheet.library.readers import find_reader

    with open_library(home) as lib:
        changed = turn_off(lib, find_reader(lib, reader, make=False))
    output.answer(
        {"reader": reader, "on": False, "changed": changed},
        "no digest comes by mail any more" if changed else "digests by mail were off already",
        as_json=as_json,
    )


@app.command("list")
def list_(reader: OfReader = None, home: Home = None, as_json: AsJson = False) -> None:
    """List who gets a digest, when the next one is due, and what became of the last; of one reader, all of theirs."""
    from broadsheet.library.answers import kept_fields, subscription_fields
    from broadsheet.library.digests.archive import digests_of
    from broadsheet.library.digests.subscription import subscriptions
    from broadsheet.library.readers import find_reader

    with open_library(home) as lib:
        if reader is not None:
            kept = [kept_fields(one) for one in digests_of(lib, find_reader(lib, reader, make=False))]
            _tell_kept(reader, kept, as_json=as_json)
            return
        found = [subscription_fields(one) for one in subscriptions(lib)]
    if as_json:
        output.emit({"digests": found})
        return
    if not found:
        output.tell("Nobody gets a digest yet: `broadsheet digest on READER --email ADDRESS` begins one.")
        return
    shown = output.table("reader", "state", "to", "when", "next", "last", "note")
    for one in found:
        due = (one["next"] or "")[:16].replace("T", " ") if one["state"] == "on" else ""
        last = ", ".join(_in_words(told) for told in (one["last"], one["mail"]) if told and told != "sent")
        shown.add_row(one["reader"], one["state"], one["email"], one["when"], due, last, one["said"])
    output.console().print(shown)


@app.command()
def preview(
    reader: OfReader = None,
    html: Annotated[bool, typer.Option("--html", help="Print the mail's HTML.")] = False,
    open_it: Annotated[bool, typer.Option("--open", help="Show the mail's HTML in the browser.")] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Show the digest that a reader would get now; nothing is sent, and nothing counts as shown."""
    from broadsheet.library.answers import digest_fields
    from broadsheet.library.digests.archive import preview, preview_mail
    from broadsheet.library.readers import find_reader

    with open_library(home) as lib, output.progress():
        who = find_reader(lib, reader)
        made = preview(lib, who)
        mail = preview_mail(lib, who, made.content)
    if as_json:
        output.emit({**digest_fields(made.content), "subject": mail.subject, "text": mail.text, "html": mail.html})
    elif open_it:
        _open(mail.html)
    elif html:
        sys.stdout.write(mail.html)
    else:
        output.tell(f"Subject: {mail.subject}\n\n{mail.text.rstrip()}")


@app.command()
def send(reader: OfReader = None, home: Home = None, as_json: AsJson = False) -> None:
    """Make the digests that are due, and send what is queued."""
    calculate_singly()
    from broadsheet.jobs import deliver_everywhere
    from broadsheet.library.readers import find_reader
    from broadsheet.store.waiting import patient

    with open_library(home) as lib, output.progress() as progress, stoppable() as stop, patient(output.say):
        name = find_reader(lib, reader, make=False).name if reader else None
        done = deliver_everywhere(lib, stop, name, progress=progress)
    tell_delivered(done, stop, as_json=as_json)


@app.command()
def returned(
    places: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[PATH]...", help="Files, mbox files or Maildirs; standard input without."),
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Read mails that came back, and end digests to addresses that refuse; for a mail server's pipe, or a timer."""
    from broadsheet.errors import BroadsheetError, UsageError
    from broadsheet.library.digests.returned import lying, piped, take_back

    if not places and sys.stdin.isatty():
        raise UsageError("digest returned", "there is nothing to read", "name a mailbox, or pipe a message in")
    try:
        with open_library(home) as lib:
            told = take_back(lib, lying(places) if places else piped(sys.stdin.buffer))
    except BroadsheetError as e:
        if places:
            raise
        output.say(f"broadsheet: {e}")
        raise typer.Exit(_COME_AGAIN) from e
    _tell_returned(told, as_json=as_json)


def tell_delivered(done: "Delivered", stop: Stop, *, as_json: bool) -> None:
    """What was made and sent; exits with 1 where something could not be, or as whoever was stopped."""
    from broadsheet.library.answers import delivered_fields

    if as_json:
        output.emit(delivered_fields(done))
    else:
        post = done.post
        counts = [f"{done.made} made", *([f"{done.empty} empty"] if done.empty else []), f"{post.sent} sent"]
        counts += _told(post, ("later", "put off"), ("failed", "failed"), ("uncertain", "uncertain"))
        output.tell(f"digests: {', '.join(counts)}")
        if sent := _told(done.outlets, ("sent", "sent"), ("later", "put off"), ("failed", "failed")):
            output.tell(f"outlets: {', '.join(sent)}")
    if held := done.elsewhere:
        some = "1 mail is" if held.many == 1 else f"{held.many:,} mails are"
        output.say(
            f"broadsheet: {some} in the hands of another process, which hands over; "
            f"if it is gone, run this again after {held.until:%H:%M} UTC"
        )
    many, first = done.waiting
    if many and first and not done.post.later:
        some = "1 mail waits" if many == 1 else f"{many:,} mails wait"
        output.say(f"broadsheet: {some} for another try, the first until {first:%Y-%m-%d %H:%M} UTC; `status` says why")
    for failure in done.failures:
        output.say(f"broadsheet: {failure}")
    if done.post.trouble:
        output.say(f"broadsheet: {done.post.trouble}")
    if done.post.failed or done.outlets.failed:
        output.say("broadsheet: what failed is not tried again; `status` says why")
    stop.leave()
    if done.failures or done.post.trouble or done.post.failed or done.outlets.failed:
        raise typer.Exit(1)


def _told(report: object, *words: tuple[str, str]) -> list[str]:
    """The counts of a report that are not zero, by their names, with the words for them."""
    return [f"{many:,} {word}" for name, word in words if (many := getattr(report, name))]


def _cadence(*, daily: bool, news: bool, weekly: str | None) -> "tuple[Cadence | None, int | None]":
    from broadsheet.errors import UsageError
    from broadsheet.library.digests.subscription import WEEKDAYS

    if daily + news + (weekly is not None) > 1:
        raise UsageError("digest on", "--daily, --news and --weekly exclude each other", "give one of them")
    if weekly is None:
        return ("daily" if daily else "news" if news else None), None
    there = [n for n, name in enumerate(WEEKDAYS) if len(weekly) > 1 and name.startswith(weekly.strip().lower())]
    if len(there) != 1:
        raise UsageError(f"day {weekly!r}", "is no day of the week", f"days are {', '.join(WEEKDAYS)}")
    return "weekly", there[0]


def _time(text: str | None) -> "time | None":
    from broadsheet.errors import UsageError
    from broadsheet.library.digests.subscription import time_of

    if text is None:
        return None
    found = time_of(text)
    if found is None:
        raise UsageError(f"time {text!r}", "is no time of day", "write one such as 07:00")
    return found


def _tell_subscription(found: "Subscription", *, as_json: bool, mails: bool) -> None:
    from broadsheet.library.answers import subscription_fields

    told = subscription_fields(found)
    if as_json:
        output.emit(told)
        return
    output.tell(f"{told['reader']}: {told['when']}, to {told['email']}")
    if not mails:
        output.tell("There is no mail server to send by yet: set smtp.url and smtp.sender.")
    if found.state == "unconfirmed":
        output.tell(
            "A mail with a link asks that address first; `broadsheet digest send` sends it, and so does `serve`."
            if found.asked
            else "That address was asked often enough today; nothing is sent before it says yes."
        )
    elif told["next"]:
        output.tell(f"The next one is due on {told['next'][:16].replace('T', ' at ')}.")


def _tell_kept(reader: str, kept: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        output.emit({"reader": reader, "digests": kept})
        return
    if not kept:
        output.tell("No digest was made yet.")
        return
    shown = output.table("digest", ">papers", "state", "subject", "note")
    for one in kept:
        shown.add_row(
            one["edition"],
            str(one["papers"]),
            _in_words(one["state"]),
            one["subject"],
            one["said"] or one["note"] or "",
        )
    output.console().print(shown)


def _in_words(told: str) -> str:
    return "being sent" if told == "handing" else told


def _tell_returned(told: "Returns", *, as_json: bool) -> None:
    from collections import Counter

    from broadsheet.library.answers import returns_fields

    if as_json:
        output.emit(returns_fields(told))
        return
    words = (("failed", "failed"), ("suspended", "suspended"), ("delayed", "delayed"), ("arrived", "arrived after all"),
             ("known", "known before"))  # fmt: skip
    counts = [f"{getattr(told, name)} {word}" for name, word in words if name == "failed" or getattr(told, name)]
    output.tell(f"returned mails: {', '.join([*counts, f'{len(told.drops)} dropped'])}")
    for reason, many in Counter(drop.reason for drop in told.drops).most_common():
        first = next(drop.at for drop in told.drops if drop.reason == reason)
        output.say(f"  {many} dropped, first {first}: {reason}")


def _open(html: str) -> None:
    import tempfile
    import webbrowser

    with tempfile.NamedTemporaryFile("w", suffix=".html", delete=False, encoding="utf-8") as file:
        file.write(html)
    webbrowser.open(Path(file.name).as_uri())
    output.say(f"the digest is in {file.name}")
