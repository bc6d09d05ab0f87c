"""Comments: said, answered, changed, taken back, hidden and reported; whom they tell, where they go, who sees them."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import orjson
import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from sqlalchemy import select

from broadsheet.errors import NotFound, NotYours, TooManyTries, UsageError
from broadsheet.library.access import sessions, tokens
from broadsheet.library.comments import discussion, notices
from broadsheet.library.comments.discussion import say
from broadsheet.library.handle import Library
from broadsheet.library.papers.show import find_known
from broadsheet.library.readers import Details, add_reader, change_reader, prefer, preferences_of, remove_reader
from broadsheet.library.shelf.mark import mark
from broadsheet.sources.formats.personal import dump, load
from broadsheet.store import Store, comments, mails, papers, personal, readers, schema
from broadsheet.types import Comment, Preferences, Reader
from broadsheet.web.access import COOKIE
from broadsheet.web.app import create_app
from tests.libraries import sample_at
from tests.stores import NOW, item, paper, put

KEY = "demo:0006"


class Clock:
    """A clock that each look moves on by a second."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> "object":
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture
def lib(tmp_path: Path) -> Iterator[Library]:
    """The sample edition, with an admin and two readers."""
    with sample_at(tmp_path, {"comments.per_hour": "9"}, Clock()) as made:  # type: ignore[arg-type]
        for name in ("root", "ada", "bo"):
            add_reader(made, name, Details(display=name.title()))
        yield made


def _reader(lib: Library, name: str) -> Reader:
    with lib.store.reading() as conn:
        found = readers.named(conn, name)
    assert found
    return found


def _texts(lib: Library, name: str | None) -> list[tuple[str, int]]:
    who = _reader(lib, name) if name else None
    return [(s.text, s.depth) for s in discussion.discussion(lib, find_known(lib, KEY)[0], who).spoken]


@pytest.mark.slow
def test_answers_follow_what_they_answer(lib: Library) -> None:
    """Threads are in the order in which they began, each with its answers below, oldest first."""
    ada, bo = _reader(lib, "ada"), _reader(lib, "bo")
    first = say(lib, ada, KEY, "one")
    say(lib, bo, KEY, "two")
    answer = say(lib, bo, KEY, "one.one", first.id)
    say(lib, ada, KEY, "one.two", first.id)
    say(lib, ada, KEY, "one.one.one", answer.id)

    assert _texts(lib, "ada") == [("one", 0), ("one.one", 1), ("one.one.one", 2), ("one.two", 1), ("two", 0)]


def test_one_that_was_answered_leaves_a_place_until_the_answer_goes(lib: Library) -> None:
    """Its text is gone at once; the place goes with the last answer."""
    ada, bo = _reader(lib, "ada"), _reader(lib, "bo")
    first = say(lib, ada, KEY, "one")
    answer = say(lib, bo, KEY, "one.one", first.id)
    discussion.take_back(lib, ada, first.id)
    assert _texts(lib, "bo") == [("", 0), ("one.one", 1)]
    with pytest.raises(NotFound):
        say(lib, ada, KEY, "late", first.id)

    discussion.take_back(lib, bo, answer.id)
    assert _texts(lib, "bo") == []


def test_only_its_author_changes_a_comment_and_only_editors_hide(lib: Library) -> None:
    """Others are refused; a change is told, and keeps the time at which it was said."""
    ada, bo = _reader(lib, "ada"), _reader(lib, "bo")
    said = say(lib, ada, KEY, "one")
    with pytest.raises(NotYours):
        discussion.rewrite(lib, bo, said.id, "two")
    with pytest.raises(NotYours):
        discussion.take_back(lib, bo, said.id)
    with pytest.raises(NotYours):
        discussion.hide(lib, bo, said.id, hidden=True)

    changed = discussion.rewrite(lib, ada, said.id, "two")
    assert changed.at == said.at
    assert changed.edited
    assert _texts(lib, "bo") == [("two", 0)]


def test_what_is_hidden_only_author_and_editors_read(lib: Library) -> None:
    """Others see nothing of it, or an empty place where it was answered; nobody learns of it from a notice."""
    ada, bo, root = (_reader(lib, name) for name in ("ada", "bo", "root"))
    first = say(lib, ada, KEY, "rude, @bo")
    discussion.report(lib, bo, first.id, "rude")
    assert [(r.said.comment.id, r.reports[0][1]) for r in notices.reported(lib)] == [(first.id, "rude")]

    discussion.hide(lib, root, first.id, hidden=True)
    assert (_texts(lib, "ada"), _texts(lib, "root"), _texts(lib, "bo")) == ([("rude, @bo", 0)], [("rude, @bo", 0)], [])
    assert notices.unseen(lib, bo) == 0
    assert notices.reported(lib) == []
    with pytest.raises(NotFound):
        discussion.find(lib, first.id, bo)

    discussion.hide(lib, root, first.id, hidden=False)
    assert _texts(lib, "bo") == [("rude, @bo", 0)]


def test_who_is_named_or_answered_is_told_once(lib: Library) -> None:
    """Nobody is told of their own words, and a change tells only who is newly named."""
    ada, bo, root = (_reader(lib, name) for name in ("ada", "bo", "root"))
    first = say(lib, ada, KEY, "@ada and @bo, `@root`")
    answer = say(lib, bo, KEY, "yes", first.id)
    assert [(s.comment.id, s.why, s.is_new) for s in notices.notices(lib, bo)] == [(first.id, "mention", True)]
    assert [(s.comment.id, s.why) for s in notices.notices(lib, ada)] == [(answer.id, "answer")]
    notices.seen(lib, bo)
    discussion.rewrite(lib, ada, first.id, "@bo and @root")

    assert [notices.unseen(lib, who) for who in (ada, bo, root)] == [1, 0, 1]


def test_a_mail_tells_only_who_asked_for_it(lib: Library) -> None:
    """It leads to the comment, and does not say what is in it; the one who did not ask gets none."""
    smtp = structs.replace(lib.settings.smtp, url="smtp://localhost", sender="papers@example.org")
    lib.settings = structs.replace(lib.settings, smtp=smtp)
    for name in ("bo", "root"):
        change_reader(lib, name, Details(email=f"{name}@example.org"))
    prefer(lib, _reader(lib, "bo"), Preferences(mentions=True))
    said = say(lib, _reader(lib, "ada"), KEY, "@bo and @root: a secret")
    with lib.store.reading() as conn:
        (key,) = conn.scalars(select(schema.outgoing.mail.c.key)).all()
        mail = mails.by_key(conn, key)
    assert mail

    assert (mail.recipient, f"/comments/{said.id}" in mail.text) == ("bo@example.org", True)
    assert "secret" not in mail.text


@pytest.mark.parametrize("text", ["", "  \n", "x" * (discussion.LONGEST + 1)])
def test_a_text_that_cannot_be_is_refused(lib: Library, text: str) -> None:
    """Nothing, and too much."""
    with pytest.raises(UsageError):
        say(lib, _reader(lib, "ada"), KEY, text)


def test_one_reader_does_not_flood_the_library(lib: Library) -> None:
    """After so many within an hour the reader waits; others do not."""
    ada = _reader(lib, "ada")
    for n in range(9):
        say(lib, ada, KEY, f"{n}")
    with pytest.raises(TooManyTries):
        say(lib, ada, KEY, "ten")
    say(lib, _reader(lib, "bo"), KEY, "one")


def test_comments_can_be_switched_off_and_are_not_for_anybody_by_default(lib: Library) -> None:
    """Off, nothing is shown or taken; on, strangers see them only where a setting says so."""
    say(lib, _reader(lib, "ada"), KEY, "one")
    assert _texts(lib, None) == []
    lib.settings = structs.replace(lib.settings, comments=structs.replace(lib.settings.comments, public=True))
    assert _texts(lib, None) == [("one", 0)]
    lib.settings = structs.replace(lib.settings, comments=structs.replace(lib.settings.comments, enabled=False))
    assert _texts(lib, "ada") == []
    with pytest.raises(UsageError, match="switched off"):
        say(lib, _reader(lib, "ada"), KEY, "two")


def test_a_reader_who_leaves_takes_their_words_along(lib: Library) -> None:
    """Only an empty place stays where others answered."""
    ada, bo = _reader(lib, "ada"), _reader(lib, "bo")
    first = say(lib, ada, KEY, "one")
    say(lib, ada, KEY, "mine", first.id)
    say(lib, bo, KEY, "theirs", first.id)
    alone = say(lib, ada, KEY, "alone")
    say(lib, ada, KEY, "alone, too", alone.id)
    remove_reader(lib, "ada")

    assert _texts(lib, "bo") == [("", 0), ("theirs", 1)]


def test_an_export_brings_comments_back_under_their_ids(store: Store) -> None:
    """As a file has them, twice is once, and threads hold together."""
    (a,) = put(store, item(paper("x:1")))
    with store.writing() as conn:
        me = readers.add(conn, "me", NOW, display="", email=None, zone="", role="reader")
        one = Comment(id="a" * 16, paper_id=a, reader_id=me.id, at=NOW, text="one", hidden=NOW)
        two = Comment(id="b" * 16, paper_id=a, reader_id=me.id, at=NOW, text="two", parent=one.id, edited=NOW)
        for said in (one, two):
            comments.add(conn, said)
        pieces = [load(orjson.loads(dump(piece))) for piece in personal.read(conn, me)]
        readers.remove(conn, me.id, NOW)
        assert comments.of_paper(conn, a) == []
        for piece in pieces * 2:
            assert personal.write(conn, piece) == []
        again = readers.named(conn, "me")
        assert again
        assert comments.of_paper(conn, a) == [structs.replace(c, reader_id=again.id) for c in (one, two)]


def test_comments_go_where_their_paper_goes(store: Store) -> None:
    """Into the paper that absorbs theirs, and out of it with its part, answers along with what they answer."""
    one, other = paper("x:1"), paper("x:2")
    a, b = put(store, item(one), item(other))
    with store.writing() as conn:
        me = readers.add(conn, "me", NOW, display="", email=None, zone="", role="reader")
        comments.add(conn, Comment(id="a" * 16, paper_id=b, reader_id=me.id, at=NOW, text="one"))
    joined = structs.replace(one, aliases=("x:1", "x:2"))
    put(store, item(joined, "merged", absorbs=("x:2",), parts=(one, other)))
    with store.writing() as conn:
        comments.add(conn, Comment(id="b" * 16, paper_id=a, reader_id=me.id, at=NOW, text="two", parent="a" * 16))
        comments.add(conn, Comment(id="c" * 16, paper_id=a, reader_id=me.id, at=NOW, text="of the other"))
        kept, taken = papers.split(conn, item(one), item(other), NOW)
        assert [c.text for c in comments.of_paper(conn, taken)] == ["one", "two"]
        assert [c.text for c in comments.of_paper(conn, kept)] == ["of the other"]


@given(st.lists(st.integers(-1, 8), max_size=9))
def test_every_comment_is_read_once_whatever_answers_what(parents: list[int]) -> None:
    """Answers to what is not there stand alone, and none is lost."""
    said = [
        Comment(id=str(n), paper_id=1, reader_id=1, at=NOW, text="x", parent=None if p < 0 or p >= n else str(p))
        for n, p in enumerate(parents)
    ]
    order = discussion._threaded(said)

    assert sorted(c.id for c, _ in order) == sorted(c.id for c in said)
    depth = {c.id: d for c, d in order}
    assert all(depth[c.id] == depth[c.parent] + 1 for c in said if c.parent)


# On pages


def _browser(lib: Library, name: str) -> TestClient:
    secret, _ = sessions.sign_in(lib, _reader(lib, name).id, "link", "test")
    return TestClient(create_app(lib), headers={"Origin": "http://testserver"}, cookies={COOKIE: secret})


def _csrf(page: str) -> dict[str, str]:
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found
    return {"csrf": found[1]}


@pytest.mark.slow
def test_a_conversation_on_a_page_without_script(lib: Library) -> None:
    """One says, the other is told, answers and finds the place; the first changes it and takes it back."""
    ada, bo = _browser(lib, "ada"), _browser(lib, "bo")
    csrf = _csrf(ada.get(f"/paper/{KEY}").text)
    page = ada.post("/comments", data={**csrf, "key": KEY, "text": "Look, **@bo** <b>"})
    assert page.url.fragment.startswith("c-")
    assert '<strong><a href="/by/bo"' in page.text
    assert "&lt;b&gt;" in page.text
    comment_id = page.url.fragment[2:]

    assert "<b>1</b> new comment<" in bo.get("/").text
    assert "names you" in bo.get("/notices").text
    theirs = _csrf(bo.get(f"/comments/{comment_id}").text)
    page = bo.post("/comments", data={**theirs, "key": KEY, "text": "I see", "parent": comment_id})
    assert "depth-1" in page.text
    bo.post("/notices", data=theirs)
    assert "new comment" not in bo.get("/").text

    assert "changed" in ada.post(f"/comments/{comment_id}", data={**csrf, "text": "Look again"}).text
    assert "This comment was taken back." in ada.post(f"/comments/{comment_id}/remove", data=csrf).text


def test_a_text_that_is_not_taken_stays_in_its_form(lib: Library) -> None:
    """The page says why, and has every word of it."""
    ada = _browser(lib, "ada")
    csrf = _csrf(ada.get(f"/paper/{KEY}").text)
    for n in range(9):
        say(lib, _reader(lib, "ada"), KEY, f"{n}")
    page = ada.post("/comments", data={**csrf, "key": KEY, "text": "My long <thoughts>"})

    assert page.status_code == 429
    assert "My long &lt;thoughts&gt;</textarea>" in page.text
    assert "keep your text" in page.text


@pytest.mark.slow
def test_strangers_and_other_readers_cannot(lib: Library) -> None:
    """Strangers see and say nothing; without the form's secret nothing is done; what is editors' only they do."""
    said = say(lib, _reader(lib, "ada"), KEY, "for readers alone")
    stranger = TestClient(create_app(lib), headers={"Origin": "http://testserver"})
    for path in (f"/paper/{KEY}", f"/comments/{said.id}", "/by/ada", "/notices", "/admin/comments"):
        assert "for readers alone" not in stranger.get(path).text
    refused = stranger.post("/comments", data={"key": KEY, "text": "x"})
    assert (refused.status_code, 'href="/sign-in?next=/paper/demo%253A0006"' in refused.text) == (401, True)
    bo = _browser(lib, "bo")
    csrf = _csrf(bo.get("/").text)
    assert bo.post("/comments", data={"key": KEY, "text": "x"}).status_code == 403
    assert bo.get("/admin/comments").status_code == 403
    for act in ("", "/remove", "/hide"):
        assert bo.post(f"/comments/{said.id}{act}", data={**csrf, "text": "x", "hidden": "1"}).status_code == 403
    assert _texts(lib, "ada") == [("for readers alone", 0)]


@pytest.mark.slow
def test_an_editor_looks_at_what_was_reported(lib: Library) -> None:
    """Who reports is told so; the report has its reason; hidden, the comment is off the list and off the page."""
    said = say(lib, _reader(lib, "ada"), KEY, "spam")
    bo, root = _browser(lib, "bo"), _browser(lib, "root")
    told = bo.post(f"/comments/{said.id}/report", data={**_csrf(bo.get("/").text), "reason": "an advertisement"}).text
    assert "It is reported: an editor will look at it." in told
    page = root.get("/admin/comments").text
    assert "Bo: an advertisement" in page
    page = root.post(f"/comments/{said.id}/hide", data={**_csrf(page), "hidden": "1", "back": "1"}).text
    assert "Nothing was reported." in page
    assert "spam" not in bo.get(f"/paper/{KEY}").text


def test_who_saves_a_paper_is_shown_where_they_allow_it(lib: Library) -> None:
    """To readers who have signed in, and never of somebody who did not say yes."""
    for name in ("ada", "root"):
        mark(lib, name, KEY, "save")
    bo = _browser(lib, "bo")
    assert "Saved by" not in bo.get(f"/paper/{KEY}").text
    prefer(lib, _reader(lib, "ada"), Preferences(saves=True))

    assert "/by/ada" in bo.get(f"/paper/{KEY}").text.partition("Saved by")[2].partition("</dd>")[0]
    assert "/by/root" not in bo.get(f"/paper/{KEY}").text
    assert "Saved by" not in TestClient(create_app(lib)).get(f"/paper/{KEY}").text


@pytest.mark.slow
def test_settings_say_what_others_see(lib: Library) -> None:
    """The form switches both on and off, and leaves the other settings alone."""
    ada = _browser(lib, "ada")
    prefer(lib, _reader(lib, "ada"), Preferences(theme="dark"))
    csrf = _csrf(ada.get("/settings").text)
    ada.post("/settings/others", data={**csrf, "saves": "1", "mentions": "1"})
    assert preferences_of(lib, _reader(lib, "ada")) == Preferences(theme="dark", saves=True, mentions=True)
    ada.post("/settings/pages", data={**csrf, "theme": "light", "view": "cards"})
    assert preferences_of(lib, _reader(lib, "ada")).saves


# In the API


def test_programs_do_what_pages_do(lib: Library) -> None:
    """Say, read, change and take back with a token; errors are in the envelope."""
    client = TestClient(create_app(lib))
    key = tokens.make_token(lib, _reader(lib, "ada"), "x", "write", None)
    path, auth = f"/api/v1/papers/{KEY}/comments", {"Authorization": f"Bearer {key}"}
    assert client.get(path).status_code == 401

    made = client.post(path, json={"text": "Hello @bo"}, headers=auth)
    assert (made.status_code, made.json()["mentions"]) == (201, ["bo"])
    one = f"/api/v1/comments/{made.json()['id']}"
    assert client.put(one, json={"text": "Bye"}, headers=auth).json()["text"] == "Bye"
    told = client.get(path, headers=auth).json()
    assert (told["total"], told["comments"][0]["own"]) == (1, True)
    assert client.put(one, json={"text": " "}, headers=auth).json()["error"]["cause"] == "is empty"
    assert client.post(path, json={"nope": 1}, headers=auth).status_code == 400
    assert client.delete(one, headers=auth).status_code == 204
    assert client.get(path, headers=auth).json() == {"total": 0, "comments": []}


def test_a_token_that_may_only_read_says_nothing(lib: Library) -> None:
    """It reads comments, and cannot write them."""
    client = TestClient(create_app(lib))
    auth = {"Authorization": f"Bearer {tokens.make_token(lib, _reader(lib, 'ada'), 'x', 'read', None)}"}

    assert client.get(f"/api/v1/papers/{KEY}/comments", headers=auth).status_code == 200
    assert client.post(f"/api/v1/papers/{KEY}/comments", json={"text": "x"}, headers=auth).status_code == 403


def test_who_is_renamed_is_shown_and_named_as_such(lib: Library) -> None:
    """Old comments bear the name of today, mentions lead to whom they meant, and who takes the old name gets none."""
    ada, bo = _reader(lib, "ada"), _reader(lib, "bo")
    said = say(lib, ada, KEY, "@bo look, not @bonny; `@bo` and x@bo.org stay")
    say(lib, bo, KEY, "I did", said.id)
    change_reader(lib, "bo", Details(display="Bo Quay"), "bo-quay")
    add_reader(lib, "bo")

    first, second = discussion.discussion(lib, find_known(lib, KEY)[0], ada).spoken
    assert first.text.startswith("@bo-quay look, not @bonny;")
    assert "x@bo.org" in first.text
    assert [reader.name for reader in first.people] == ["bo-quay"]
    assert second.author is not None
    assert (second.author.name, second.author.display) == ("bo-quay", "Bo Quay")
    assert first.comment.edited is None
