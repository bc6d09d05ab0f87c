"""Digests from the reader's wish to the mail in their box, against a real mail server."""

import email
import email.policy
import random
import re
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from threading import Event
from time import sleep
from zoneinfo import ZoneInfo

import pytest

from broadsheet.errors import NotFound, SettingError, UsageError
from broadsheet.jobs import postman
from broadsheet.library.answers import kept_fields, subscription_fields
from broadsheet.library.digests import archive, subscription
from broadsheet.library.digests.deliver import AT_ONCE, Delivered, deliver, waiting
from broadsheet.library.digests.freeze import Ready, freeze, ready
from broadsheet.library.digests.make import Waiting, make
from broadsheet.library.digests.offers import Newsstand
from broadsheet.library.digests.readership import known
from broadsheet.library.digests.subscription import Wanted, turn_off, turn_on
from broadsheet.library.handle import Library
from broadsheet.library.harvest.import_ import import_files
from broadsheet.library.interest.profiles import add_interest, list_interests
from broadsheet.library.interest.recommend import recommend
from broadsheet.library.interest.recommendation import Ask
from broadsheet.library.mails.post import LEASE, SUSPENDED_AFTER
from broadsheet.library.readers import Details, add_reader, change_reader, find_reader, prefer, remove_reader
from broadsheet.library.shelf import saved
from broadsheet.library.shelf.held import held
from broadsheet.library.shelf.mark import mark, marked
from broadsheet.library.upkeep.status import status
from broadsheet.rank.profile import Said
from broadsheet.store import shown
from broadsheet.types import Preferences, Reader
from tests.libraries import library_at
from tests.shell import Shell, write_listing
from tests.smtp_server import MailServer, mail_server
from tests.topics import rows, topic_of

EVENING = datetime(2025, 11, 19, 18, tzinfo=UTC)
MORNING = datetime(2025, 11, 20, 6, tzinfo=UTC)  # seven in Berlin
DAY = timedelta(days=1)


@dataclass
class Bench:
    """A library, a mail server and a clock."""

    home: Path
    server: MailServer
    at: datetime = EVENING
    changed: dict[str, object] = field(default_factory=dict)

    def open(self) -> Library:
        options = {
            "smtp.url": f"smtp://localhost:{self.server.port}",
            "smtp.sender": "papers@example.org",
            "smtp.tls": "off",
            "base_url": "https://papers.example.org",
            **self.changed,
        }
        return library_at(self.home, options, lambda: self.at)

    def mails(self) -> list[str]:
        """Subjects and text parts of what the server took."""
        read = [email.message_from_bytes(wire, policy=email.policy.default) for _, wire in self.server.box.taken]
        return [f"{m['Subject']}\n{m.get_body(('plain',)).get_content()}" for m in read]  # type: ignore[union-attr]


@pytest.fixture
def bench(topics_home: Path, tmp_path: Path) -> Iterator[Bench]:
    """The invented papers of three subjects, in a home of its own."""
    shutil.copytree(topics_home, tmp_path / "home")
    with mail_server() as server:
        yield Bench(tmp_path / "home", server)


def _reader(lib: Library, name: str = "ada", *, interest: str | None = "songbird migration") -> Reader:
    who = add_reader(lib, name, Details(email=f"{name}@example.org", zone="Europe/Berlin"))
    if interest:
        add_interest(lib, name, "birds", Said(about=(interest,), authors=("Ann Birdsson",)))
    return who


def _served(bench: Bench, lib: Library, wanted: Wanted | None = None) -> Reader:
    """A reader who got a digest this morning, or was to get one."""
    who = _reader(lib)
    turn_on(lib, who, wanted or Wanted(), confirmed=True)
    bench.at = MORNING
    deliver(lib)
    return who


def _composed(lib: Library, one: Waiting) -> Ready:
    """A digest that is not frozen yet."""
    readers = known(lib, [one.who])
    return ready(lib, readers[one.who.id], one.wanted, make(Newsstand(lib), readers, [one])[0])


@pytest.mark.slow
def test_a_reader_gets_a_digest_at_the_minute_and_once(bench: Bench) -> None:
    """Nothing a minute before seven in the reader's zone; then one mail, of the interest, however often it is tried."""
    with bench.open() as lib:
        turn_on(lib, _reader(lib), Wanted(most=6), confirmed=True)
        bench.at = MORNING - timedelta(minutes=1)
        assert deliver(lib) == Delivered()
        bench.at = MORNING
        first, second = deliver(lib), deliver(lib)
        kept = archive.digests_of(lib, find_reader(lib, "ada"))

    assert (first.made, first.post.sent, second) == (1, 1, Delivered())
    assert [to for to, _ in bench.server.box.taken] == ["ada@example.org"]
    assert (kept[0].digest.edition, kept[0].state) == ("2025-11-20", "sent")
    items = list(kept[0].content.items)
    assert len(items) == 6
    assert {topic_of(item.key) for item in kept[0].content.sections[0].items} == {"birds"}
    assert all(item.title in " ".join(bench.mails()[0].split()) for item in items)


@pytest.mark.slow
def test_papers_of_an_interest_that_a_digest_begins_are_shown_under_it(bench: Bench) -> None:
    """What is unlike all interests begins the general one; marks on what is listed for it teach it from the first."""
    with bench.open() as lib:
        ada = _reader(lib)
        turn_on(lib, ada, Wanted(most=12, sections=("interests",)), confirmed=True)
        mark(lib, "ada", "arxiv:2511.02003", "up")
        bench.at = MORNING
        deliver(lib)
        ids = {view.interest.id for view in list_interests(lib, "ada")}
        with lib.store.reading() as conn:
            listed = [one.interest_id for one in shown.in_list(conn, ada.id, "digest 2025-11-20")]

    assert len(ids) == 2
    assert set(listed) == ids


def test_another_zone_neither_hurries_a_digest_nor_loses_one(bench: Bench) -> None:
    """At seven in the evening in Berlin it is past seven in the morning in Honolulu: the next one comes tomorrow."""
    with bench.open() as lib:
        bench.at = MORNING + timedelta(hours=1)
        turn_on(lib, _reader(lib), Wanted(cadence="daily"), confirmed=True)
        bench.at = MORNING + timedelta(hours=12)
        ada = change_reader(lib, "ada", Details(zone="Pacific/Honolulu"))
        next_one = subscription.subscription(lib, ada).due

        assert not waiting(lib)
        assert next_one == datetime(2025, 11, 21, 7, tzinfo=ZoneInfo("Pacific/Honolulu"))
        bench.at = next_one.astimezone(UTC)
        assert [one.due.edition for one in waiting(lib)] == ["2025-11-21"]


@pytest.mark.parametrize("zone", ["Europe/Vienna", "Asia/Kolkata"])
def test_what_was_due_already_comes_whatever_the_reader_changes(bench: Bench, zone: str) -> None:
    """A machine was off when a week's digest was due: neither another zone nor another hour loses it."""
    with bench.open() as lib:
        who = _reader(lib)
        bench.at = MORNING - timedelta(hours=1)
        turn_on(lib, who, Wanted(cadence="weekly", weekday=3), confirmed=True)
        bench.at = MORNING + timedelta(hours=2)
        who = change_reader(lib, "ada", Details(zone=zone))
        assert [one.due.edition for one in waiting(lib)] == ["2025-W47"]
        turn_on(lib, who, Wanted(at=time(6)))
        assert [one.due.edition for one in waiting(lib)] == ["2025-W47"]


@pytest.mark.slow
def test_what_a_stopped_server_leaves_is_for_the_next_run(bench: Bench) -> None:
    """Once it is stopped no digest is made and no mail begun; the next run makes and sends them, each once."""
    most, stop = AT_ONCE + 5, Event()
    with bench.open() as lib:
        for n in range(most):
            turn_on(lib, _reader(lib, f"r{n}", interest=None), Wanted(cadence="daily"), confirmed=True)
        bench.at = MORNING
        some = deliver(lib, progress=lambda *_: stop.set(), stop=stop)
        rest = deliver(lib)

    assert (some.made, some.post.sent) == (AT_ONCE, 0)
    assert (rest.made, rest.post.sent) == (5, most)
    assert len({to for to, _ in bench.server.box.taken}) == len(bench.server.box.taken) == most


@pytest.mark.slow
def test_a_digest_that_cannot_be_made_is_told(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    """By the server on standard error, and by the status once it is late; it comes when it can be made."""
    with bench.open() as lib:
        turn_on(lib, _reader(lib), Wanted(most=6), confirmed=True)
        bench.at = MORNING + timedelta(minutes=16)
        _write(bench.home, "UPDATE paper SET doc = substr(doc, 2)")
        sender = postman(lib)
        sender.start()
        sleep(1)
        sender.close()
        told, problems, early = capsys.readouterr().err, status(lib)["problems"], list(bench.server.box.taken)
        _write(bench.home, "UPDATE paper SET doc = '{' || doc")
        made = deliver(lib)

    assert "digest 2025-11-20 of ada" in told
    assert [problem for problem in problems if "1 due since 2025-11-20 06:00 UTC, and not made" in problem]
    assert (early, made.post.sent, made.failures) == ([], 1, ())


@pytest.mark.slow
def test_a_digest_that_cannot_be_made_holds_up_no_other(bench: Bench) -> None:
    """Of digests that are due together those that can be made go out, and the answer names the one that cannot."""
    with bench.open() as lib:
        for name in ("ada", "bo", "cy"):
            turn_on(lib, _reader(lib, name), Wanted(most=6), confirmed=True)
        bench.at = MORNING
        spoilt = find_reader(lib, "bo").id
        _write(bench.home, f"UPDATE interest SET profile = substr(profile, 2) WHERE reader_id = {spoilt}")
        done = deliver(lib)

    assert (done.made, done.post.sent, len(done.failures)) == (2, 2, 1)
    assert "digest 2025-11-20 of bo" in done.failures[0]
    assert {to for to, _ in bench.server.box.taken} == {"ada@example.org", "cy@example.org"}


def _write(home: Path, statement: str) -> None:
    with closing(sqlite3.connect(home / "library.db")) as connection, connection:
        connection.execute(statement)


@pytest.mark.slow
def test_what_a_digest_showed_no_list_shows_again(bench: Bench) -> None:
    """The next digest and the list on the page have other papers."""
    with bench.open() as lib:
        who = _served(bench, lib, Wanted(most=4))
        sent = {item.key for item in archive.digests_of(lib, who)[0].content.items}
        listed = {e.paper.key for e in recommend(lib, Ask("ada", preview=True)).entries}

    assert sent
    assert not sent & listed


@pytest.mark.slow
def test_two_who_make_the_same_digest_make_one(bench: Bench) -> None:
    """Both have composed it; the second finds it made, and queues, shows and stores nothing."""
    with bench.open() as lib, bench.open() as other:
        turn_on(lib, _reader(lib), Wanted(), confirmed=True)
        bench.at = MORNING
        (mine,), (theirs,) = waiting(lib), waiting(other)
        made = _composed(lib, mine), _composed(other, theirs)

        assert freeze(lib, made[:1])
        assert not freeze(other, made[1:])
        deliver(lib)
    assert len(bench.server.box.taken) == 1


@pytest.mark.slow
def test_no_mail_before_the_address_said_yes(bench: Bench) -> None:
    """The one mail that goes out asks; only its link lets a digest follow, from the next time on, and works once."""
    with bench.open() as lib:
        who = _reader(lib)
        assert turn_on(lib, who, Wanted()).state == "unconfirmed"
        bench.at = MORNING
        assert deliver(lib).made == 0
        (asked,) = bench.mails()
        link = re.search(r"https://papers\.example\.org/confirm/(\S+)", asked)
        assert link
        bench.at += timedelta(hours=1)
        assert subscription.confirm(lib, link[1]).state == "on"
        with pytest.raises(NotFound):
            subscription.confirm(lib, link[1])
        assert deliver(lib).made == 0  # today's was due before the address was confirmed
        bench.at = MORNING + DAY
        assert deliver(lib).made == 1


def test_a_changed_address_is_asked_anew_and_nobody_is_asked_often(bench: Bench) -> None:
    """The link for the old address no longer counts; a fourth mail to one address on a day is not written."""
    with bench.open() as lib:
        who = _reader(lib)
        turn_on(lib, who, Wanted(), confirmed=True)
        changed = turn_on(lib, who, Wanted(email="ada@elsewhere.example"))
        assert (changed.state, changed.asked) == ("unconfirmed", True)
        assert [turn_on(lib, who, Wanted()).asked for _ in range(3)] == [True, True, False]
        with pytest.raises(UsageError, match="mail address"):
            turn_on(lib, who, Wanted(email="ada@host\nBcc: eve@example.org"))


@pytest.mark.slow
def test_who_unsubscribes_gets_nothing_that_is_queued(bench: Bench) -> None:
    """The link in a mail ends it at once and for good, twice is as good as once, and what waits is taken back."""
    with bench.open() as lib:
        who = _served(bench, lib, Wanted(cadence="daily"))
        link = re.search(r"/unsubscribe/(\S+)", bench.mails()[0])
        assert link
        bench.at += DAY
        (due,) = waiting(lib)
        late = _composed(lib, due)
        freeze(lib, [_composed(lib, due)])
        archive.unsubscribe(lib, link[1])
        archive.unsubscribe(lib, link[1])
        assert deliver(lib) == Delivered()
        assert subscription.subscription(lib, who).state == "off"
        assert archive.digests_of(lib, who)[0].state == "taken back"
        assert not freeze(lib, [late])
    assert len(bench.server.box.taken) == 1


@pytest.mark.slow
def test_links_in_the_mail_mark_papers_for_their_reader(bench: Bench) -> None:
    """A number of the digest is its paper; other numbers and cut-off links are told as such."""
    with bench.open() as lib:
        who = _served(bench, lib)
        link = re.search(r"/d/(\S+)", bench.mails()[0])
        assert link
        key = next(iter(archive.digests_of(lib, who)[0].content.items)).key
        archive.act(lib, link[1], "save", 1)
        assert marked(lib, "ada", key).kinds == ("save",)
        assert held(lib, who, [key]).marks == {key: {"save"}}
        for secret, number in ((link[1], 99), (link[1][:-1], 1)):
            with pytest.raises(NotFound):
                archive.act(lib, secret, "up", number)


@pytest.mark.slow
def test_a_day_without_papers_has_its_reason(bench: Bench) -> None:
    """Who wants news only gets no mail on a Saturday, and the archive says why; who wants it daily gets the reason."""
    with bench.open() as lib:
        for name, cadence in (("ada", "news"), ("bo", "daily")):
            turn_on(lib, _reader(lib, name), Wanted(cadence=cadence), confirmed=True)  # type: ignore[arg-type]
        bench.at = MORNING
        deliver(lib)
        bench.at = MORNING + 2 * DAY
        done = deliver(lib)
        (last, *_) = archive.digests_of(lib, find_reader(lib, "ada"))

    assert (done.made, done.empty) == (1, 1)
    assert last.state == "nothing to send"
    assert "Saturday" in (last.content.note or "")
    assert "One digest could not be made in time" in (last.content.note or "")
    assert "Saturday" in bench.mails()[-1]


@pytest.mark.slow
def test_a_weekly_digest_has_the_week(bench: Bench) -> None:
    """On its weekday it has papers of all days since the last one, under the week's name."""
    with bench.open() as lib:
        who = _served(bench, lib, Wanted(cadence="weekly", weekday=3, most=20))
        kept = archive.digests_of(lib, who)[0]

    assert kept.digest.edition == "2025-W47"
    assert bench.mails()[0].startswith("Week 47: ")


@pytest.mark.slow
def test_another_day_or_hour_brings_nothing_at_once_and_loses_nothing(bench: Bench) -> None:
    """The next digest comes when the settings say, also where that hour or weekday has passed, and makes no excuses."""
    with bench.open() as lib:
        who = _reader(lib)
        bench.at = EVENING + timedelta(hours=2)
        turn_on(lib, who, Wanted(cadence="daily", at=time(20)), confirmed=True)
        bench.at = MORNING
        found = turn_on(lib, who, Wanted(cadence="daily", at=time(6)))
        assert deliver(lib) == Delivered()
        assert found.due == MORNING + timedelta(hours=23)
        found = turn_on(lib, who, Wanted(cadence="weekly", weekday=4))
        bench.at += DAY
        assert found.due == MORNING + timedelta(hours=23)
        assert deliver(lib).made == 1
        (kept,) = archive.digests_of(lib, who)

    assert (kept.digest.edition, kept.content.note) == ("2025-W47", None)


@pytest.mark.slow
def test_an_address_that_refuses_is_suspended_and_a_new_one_begins_again(bench: Bench) -> None:
    """After three refusals in a row nothing more is made for it, and what the server said is kept."""
    bench.server.box.answers["ada@example.org"] = "550 no such user"
    with bench.open() as lib:
        who = _reader(lib)
        turn_on(lib, who, Wanted(cadence="daily"), confirmed=True)
        for n in range(SUSPENDED_AFTER):
            bench.at = MORNING + n * DAY
            assert deliver(lib).post.failed == 1
        bench.at += DAY
        assert deliver(lib) == Delivered()
        found = subscription.subscription(lib, who)
        assert (found.state, found.delivery and found.delivery.said) == ("suspended", "550 no such user")
        assert turn_on(lib, who, Wanted(email="ada@elsewhere.example"), confirmed=True).state == "on"


def test_without_a_mail_server_nothing_is_made_and_it_is_said(bench: Bench) -> None:
    """A digest that could not be sent must not use its papers up."""
    bench.changed = {"smtp.url": ""}
    with bench.open() as lib:
        turn_on(lib, _reader(lib), Wanted(), confirmed=True)
        assert deliver(lib) == Delivered()  # nothing is due yet
        bench.at = MORNING
        with pytest.raises(SettingError, match=r"smtp\.url"):
            deliver(lib)
        assert archive.digests_of(lib, find_reader(lib, "ada")) == []


@pytest.mark.slow
def test_a_preview_changes_nothing(bench: Bench) -> None:
    """It can be looked at twice, is what the mail will have, and has no links that act."""
    with bench.open() as lib:
        who = _reader(lib)
        turn_on(lib, who, Wanted(most=5), confirmed=True)
        bench.at = MORNING
        first, second = archive.preview(lib, who), archive.preview(lib, who)
        deliver(lib)
        sent = archive.digests_of(lib, who)[0].content
        html = archive.preview_mail(lib, who, first.content).html

    assert first.content == second.content == sent
    assert "/d/" not in html


def test_a_reader_of_whom_nothing_is_known_gets_what_is_new_and_how_to_begin(bench: Bench) -> None:
    """Without interests the first section says what is missing and the papers are the trending ones."""
    with bench.open() as lib:
        who = _reader(lib, interest=None)
        bench.at = MORNING
        content = archive.preview(lib, who).content

    assert [bool(s.items) for s in content.sections] == [False, True]
    assert "Nothing is known" in (content.sections[0].note or "")


@pytest.mark.slow
def test_the_general_interest_is_called_so(bench: Bench) -> None:
    """A paper says for which of several interests it is there, in the reader's language; `main` would tell nobody."""
    with bench.open() as lib:
        who = _reader(lib)
        add_interest(lib, "ada", "main", Said(about=("lentil soup",)))
        prefer(lib, who, Preferences(language="de"))
        turn_on(lib, who, Wanted(), confirmed=True)
        bench.at = MORNING + DAY
        deliver(lib)
    told = bench.mails()[-1]
    assert "Ihr allgemeines Interesse" in told
    assert "birds" in told


def test_who_leaves_takes_everything_along(bench: Bench) -> None:
    """A reader who is removed has no digests, no wishes and no mail in the queue."""
    with bench.open() as lib:
        who = _reader(lib)
        add_reader(lib, "bo", Details(role="admin"))
        turn_on(lib, who, Wanted(at=time(19)))
        remove_reader(lib, "ada")
        assert deliver(lib) == Delivered()
        assert subscription.subscriptions(lib) == []


def test_switching_off_is_told(bench: Bench) -> None:
    """A second time there was nothing to switch off."""
    with bench.open() as lib:
        who = _reader(lib)
        turn_on(lib, who, Wanted(), confirmed=True)
        assert (turn_off(lib, who), turn_off(lib, who)) == (True, False)


_WORKER = """
import sys
from datetime import datetime
from pathlib import Path
from broadsheet import config
from broadsheet.library.digests.deliver import deliver
from broadsheet.library.handle import Library
home, port, at = sys.argv[1:]
options = {"smtp.url": f"smtp://localhost:{port}", "smtp.sender": "papers@example.org", "smtp.tls": "off"}
with Library(config.load({}, home=Path(home), options=options), now=lambda: datetime.fromisoformat(at)) as lib:
    lib.store
    print("ready", flush=True)
    deliver(lib)
"""


@pytest.mark.slow
def test_two_workers_that_are_killed_again_and_again_make_each_digest_once(bench: Bench) -> None:
    """However often both die, each reader has one digest, one mail at the most, and was shown just what is in it."""
    chance = random.Random(3)
    with bench.open() as lib:
        readers = [_reader(lib, f"r{n}", interest=None) for n in range(120)]
        for who in readers:
            turn_on(lib, who, Wanted(most=3), confirmed=True)
        bench.at = MORNING
        for _ in range(40):
            bench.at += LEASE
            command = [sys.executable, "-c", _WORKER, str(bench.home), str(bench.server.port), bench.at.isoformat()]
            workers = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) for _ in range(2)]
            for worker in workers:
                assert worker.stdout is not None
                worker.stdout.readline()
            sleep(chance.uniform(0.01, 0.3))
            for worker in workers:
                worker.kill()
                worker.communicate()
            if not waiting(lib):
                break
        bench.at += LEASE
        deliver(lib)
        assert not waiting(lib)
        kept = {who.name: archive.digests_of(lib, who) for who in readers}
        with lib.store.reading() as conn:
            seen = {who.name: shown.count(conn, who.id) for who in readers}

    assert {len(found) for found in kept.values()} == {1}
    assert seen == {name: len(list(found[0].content.items)) for name, found in kept.items()}
    copies = Counter(to for to, _ in bench.server.box.taken)
    assert max(copies.values()) == 1
    states = Counter(found[0].state for found in kept.values())
    assert states["sent"] + states["uncertain"] == len(readers)
    assert states["sent"] <= len(copies)


@pytest.mark.slow
def test_saved_searches_are_a_section_in_its_place(bench: Bench) -> None:
    """What a search finds of the day is told with its name, once over all sections, and nothing of a silent search."""
    with bench.open() as lib:
        who = _reader(lib)
        for name, query in (("Wings", "birds OR songbird"), ("Flight", "songbird"), ("Silent", "cat:cs.LG OR the")):
            saved.save(lib, who.name, name, query, "keyword")
        saved.change(lib, who.name, "Silent", muted=True)
        turn_on(lib, who, Wanted(sections=("searches", "interests"), most=20), confirmed=True)
        bench.at = MORNING
        sections = {s.name: s for s in archive.preview(lib, who).content.sections}
        deliver(lib)
        again = saved.searches_of(lib, who.name)

    assert next(iter(sections)) == "searches"
    found = sections["searches"].items
    assert {topic_of(item.key) for item in found} == {"birds"}
    assert {item.why[0] for item in found} <= {
        "found by your search Flight and Wings",
        "found by your search Wings",
    }
    others = {item.key for item in sections["interests"].items} if "interests" in sections else set()
    assert not others & {item.key for item in found}
    assert len(again) == 3


def test_sections_come_in_the_readers_order_with_followed_authors_and_what_others_count(bench: Bench) -> None:
    """Who is followed and what others voted for stand in their sections, each once, with the reason."""
    with bench.open() as lib:
        who, voter = _reader(lib), add_reader(lib, "bo")
        for number in (2, 8):
            mark(lib, voter.name, f"arxiv:2511.01{number:03}", "up")
        turn_on(lib, who, Wanted(sections=("authors", "trending", "interests"), most=20), confirmed=True)
        bench.at = MORNING
        sections = {s.name: s for s in archive.preview(lib, who).content.sections}

    assert list(sections) == ["authors", "trending", "interests"]
    assert [item.authors for item in sections["authors"].items] == ["Ann Birdsson"]
    assert sections["authors"].items[0].why == ("by Ann Birdsson, whom you follow",)
    assert {item.key for item in sections["trending"].items} == {"arxiv:2511.01002", "arxiv:2511.01008"}


@pytest.mark.slow
def test_a_withdrawn_paper_is_in_no_digest(bench: Bench, tmp_path: Path) -> None:
    """What its authors took back is in no section, though it is by someone who is followed and has votes."""
    key = "arxiv:2511.01005"
    with bench.open() as lib:
        who, voter = _reader(lib), add_reader(lib, "bo")
        mark(lib, voter.name, key, "up")
        turn_on(lib, who, Wanted(sections=("authors", "trending", "interests"), most=20), confirmed=True)
        bench.at = MORNING
        before = {item.key for s in archive.preview(lib, who).content.sections for item in s.items}
        gone = [{**row, "comment": "Withdrawn by the authors."} for row in rows() if f"arxiv:{row['id']}" == key]
        import_files(lib, [str(write_listing(tmp_path / "gone.jsonl", gone))])
        after = {item.key for s in archive.preview(lib, who).content.sections for item in s.items}

    assert key in before
    assert after
    assert key not in after


def test_what_became_of_the_newest_digest_is_listed_with_the_subscription(bench: Bench) -> None:
    """A mail of which nobody can tell whether it was taken is told beside the reader's name, and why."""
    bench.server.box.drops_after_data.add("ada@example.org")
    with bench.open() as lib:
        who = _served(bench, lib)
        listed = [subscription_fields(one) for one in subscription.subscriptions(lib)]
        assert listed == [subscription_fields(subscription.subscription(lib, who))]
    assert [(one["last"], one["mail"]) for one in listed] == [("2025-11-20", "uncertain")]
    assert "broke before the answer" in listed[0]["said"]


@pytest.mark.slow
def test_lists_say_in_words_that_a_mail_is_being_sent(
    bench: Bench, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name of its state is for programs."""
    monkeypatch.setenv("COLUMNS", "200")
    with bench.open() as lib:
        _served(bench, lib)
    _write(bench.home, "UPDATE mail SET state = 'handing'")

    for only in ((), ("--reader", "ada")):
        told = shell("digest", "list", *only).out
        assert "being sent" in told
        assert "handing" not in told
    assert shell.json("digest", "list")["digests"][0]["mail"] == "handing"


def test_of_a_mail_that_was_sent_there_is_nothing_to_say(bench: Bench) -> None:
    """In the list of all readers the note is for what went wrong; a reader's own list has what the server answered."""
    with bench.open() as lib:
        who = _served(bench, lib)
        told = subscription_fields(subscription.subscription(lib, who))
        kept = kept_fields(archive.digests_of(lib, who)[0])
    assert (told["mail"], told["said"]) == ("sent", "")
    assert (kept["state"], kept["said"]) == ("sent", "250 taken")
