"""The `digest` and `jobs` commands: what they say, and what they refuse."""

import pytest

from broadsheet.store import writer_lock
from tests.shell import Shell
from tests.smtp_server import mail_server


@pytest.mark.slow
def test_a_digest_is_switched_on_changed_listed_and_off(reading: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was said holds and what was not said stays; the list has it, and off is off."""
    monkeypatch.setenv("COLUMNS", "200")
    on = reading.json("digest", "on", "ada", "--email", "ada@example.org", "--zone", "Asia/Tokyo", "--confirmed")
    assert (on["state"], on["when"], on["next"][-6:]) == ("on", "each day with news, at 07:00", "+09:00")
    changed = reading.json("digest", "on", "ada", "--weekly", "fri", "--at", "18:30", "--section", "trending")
    assert (changed["when"], changed["email"], changed["sections"]) == (
        "every Friday, at 18:30",
        "ada@example.org",
        ["trending"],
    )
    assert "every Friday, at 18:30" in " ".join(reading("digest", "list").out.split())
    assert reading.json("digest", "off", "ada") == {"reader": "ada", "on": False, "changed": True}
    assert reading.json("digest", "list")["digests"][0]["state"] == "off"


@pytest.mark.slow
def test_who_switches_it_on_learns_that_mail_is_not_set_up(reading: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a server nothing would ever come, and the sentence names the settings; with one nothing is said of it."""
    without = reading("digest", "on", "ada", "--email", "ada@example.org").out
    monkeypatch.setenv("BROADSHEET_SMTP__URL", "smtp://localhost:1")
    monkeypatch.setenv("BROADSHEET_SMTP__SENDER", "papers@example.org")

    assert "set smtp.url and smtp.sender" in without
    assert "smtp" not in reading("digest", "on", "ada", "--daily").out


@pytest.mark.slow
def test_a_preview_is_printed_as_text_html_or_json(reading: Shell) -> None:
    """Each form has the same papers, and looking changes nothing."""
    made = reading.json("digest", "preview")
    titles = [item["title"] for section in made["sections"] for item in section["items"]]

    assert titles
    assert all(title in " ".join(reading("digest", "preview").out.split()) for title in titles)
    assert titles[0] in reading("digest", "preview", "--html").out
    assert reading.json("digest", "list", "--reader", "me")["digests"] == []


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (("--weekly", "someday"), "days are monday"),
        (("--weekly", "t"), "is no day of the week"),
        (("--at", "25:00"), "write one such as 07:00"),
        (("--daily", "--weekly", "monday"), "exclude each other"),
        (("--section", "weather"), "sections are interests"),
        (("--email", "nobody"), "write name@host"),
        ((), "has no address to go to"),
    ],
)
def test_what_cannot_be_is_told(reading: Shell, wrong: tuple[str, ...], told: str) -> None:
    """One sentence with the way out, and nothing is switched on."""
    outcome = reading("digest", "on", "ada", *wrong)

    assert outcome.code == 2
    assert told in outcome.err
    assert reading.json("digest", "list")["digests"] == []


@pytest.mark.slow
def test_jobs_send_what_is_queued_and_status_tells(reading: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a mail server it is a problem that is told; with one the question to a new address goes out."""
    reading("digest", "on", "ada", "--email", "ada@example.org")
    assert "smtp.url" in reading("jobs", "run", "--no-harvest").err
    assert any("mail" in problem for problem in reading("status", "--json").json["problems"])
    with mail_server() as server:
        monkeypatch.setenv("BROADSHEET_SMTP__URL", f"smtp://localhost:{server.port}")
        monkeypatch.setenv("BROADSHEET_SMTP__SENDER", "papers@example.org")
        monkeypatch.setenv("BROADSHEET_SMTP__TLS", "off")
        assert reading.json("jobs", "run", "--no-harvest")["sent"] == 1
        told = reading("status", "--json").json["mail"]
        assert (told["queued"], told["sent_today"], told["readers"]["unconfirmed"]) == (0, 1, 1)
        assert "1 unconfirmed" in reading("status").out
    assert [to for to, _ in server.box.taken] == ["ada@example.org"]


@pytest.mark.slow
def test_no_harvest_keeps_jobs_from_sending(reading: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where another process harvests, or a source cannot be reached, that is told, and mails go out all the same."""
    for source in ("arxiv__feed_url", "arxiv__oai_url", "huggingface__url"):
        monkeypatch.setenv(f"BROADSHEET_{source.upper()}", "http://127.0.0.1:9")
    with mail_server() as server:
        monkeypatch.setenv("BROADSHEET_SMTP__URL", f"smtp://localhost:{server.port}")
        monkeypatch.setenv("BROADSHEET_SMTP__SENDER", "papers@example.org")
        monkeypatch.setenv("BROADSHEET_SMTP__TLS", "off")
        reading("digest", "on", "ada", "--email", "ada@example.org")
        with writer_lock(reading.home, "broadsheet test"):
            busy = reading("jobs", "run")
        reading("digest", "on", "ada", "--email", "ada@example.net")
        failed = reading("jobs", "run")

    assert (busy.code, failed.code) == (0, 1)
    assert "Nothing is harvested now: " in busy.err
    assert "source huggingface: huggingface (127.0.0.1:9): it cannot be reached" in failed.err
    assert [to for to, _ in server.box.taken] == ["ada@example.org", "ada@example.net"]


@pytest.mark.slow
def test_a_missing_mail_server_keeps_jobs_from_no_learning(reading: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is due besides is done, and then it is told."""
    for source in ("arxiv__feed_url", "arxiv__oai_url", "huggingface__url"):
        monkeypatch.setenv(f"BROADSHEET_{source.upper()}", "http://127.0.0.1:9")
    monkeypatch.setattr("broadsheet.search.indexing.LEAST_TO_LEARN", 40)
    monkeypatch.setattr("broadsheet.search.taught._BATCH", 16)
    monkeypatch.setattr("broadsheet.search.learnt.LEAST", 16)
    reading("digest", "on", "ada", "--email", "ada@example.org")

    told = reading("jobs", "run").err

    assert "smtp.url" in told.splitlines()[-1]
    assert any(row["name"].startswith("learnt") for row in reading("status", "--json").json["indexes"])


@pytest.mark.slow
def test_mails_that_wait_for_another_try_are_told(reading: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a server put them off there is nothing to send, which is not the whole story."""
    with mail_server() as server:
        monkeypatch.setenv("BROADSHEET_SMTP__URL", f"smtp://localhost:{server.port}")
        monkeypatch.setenv("BROADSHEET_SMTP__SENDER", "papers@example.org")
        monkeypatch.setenv("BROADSHEET_SMTP__TLS", "off")
        reading("digest", "on", "ada", "--email", "ada@example.org")
        server.box.answers["ada@example.org"] = "451 come back later"
        assert "1 put off" in reading("digest", "send").out
        again = reading("digest", "send")
        server.box.answers["bo@example.org"] = "550 nobody here"
        reading("digest", "on", "ada", "--email", "bo@example.org")
        refused = reading("digest", "send")

    assert (refused.code, refused.out) == (1, "digests: 0 made, 0 sent, 1 failed\n")
    assert "what failed is not tried again; `status` says why" in refused.err
    assert (again.code, again.out) == (0, "digests: 0 made, 0 sent\n")
    assert "1 mail waits for another try, the first until" in again.err
    assert reading.json("status")["mail"]["queued"] == 1


@pytest.mark.slow
def test_outlets_are_listed_of_one_reader_or_of_all(reading: Shell) -> None:
    """The reader is named as in other lists."""
    for name in ("me", "ada"):
        reading("reader", "add", name)
        reading("outlet", "add", name, f"https://example.org/{name}")

    assert [one["reader"] for one in reading.json("outlet", "list")["outlets"]] == ["me", "ada"]
    assert [one["reader"] for one in reading.json("outlet", "list", "me")["outlets"]] == ["me"]
