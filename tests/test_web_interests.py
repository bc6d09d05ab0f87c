"""Interests and the reader's own list over the pages: begun, changed, explained, and nobody else's business."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path

import feedparser
import pytest
from fastapi.testclient import TestClient

from broadsheet.library.handle import Library
from broadsheet.library.interest.profiles import add_interest, edit_interest, list_interests, show_interest
from broadsheet.library.interest.recommend import recommend
from broadsheet.library.interest.recommendation import Ask
from broadsheet.library.readers import add_reader
from broadsheet.library.shelf.mark import mark
from broadsheet.rank.profile import Said
from broadsheet.web.app import create_app
from tests.libraries import sample_at
from tests.visitors import csrf_of, signed_in

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)


@pytest.fixture
def lib(tmp_path: Path) -> Iterator[Library]:
    """The sample edition."""
    with sample_at(tmp_path) as made:
        yield made


@pytest.fixture
def ada(lib: Library) -> TestClient:
    """A browser in which a reader called ada has signed in."""
    return signed_in(lib, add_reader(lib, "ada").name)


def _begin(site: TestClient, name: str = "Sleep & light", **said: str) -> None:
    answer = site.post("/interests", data={"csrf": csrf_of(site), "name": name, "about": "sleep of animals", **said})
    assert answer.status_code == 200


@pytest.mark.slow
def test_an_interest_is_begun_with_words_and_shows_what_it_learnt(ada: TestClient) -> None:
    """From a few words there is a page with what was learnt from them, and a list with reasons."""
    _begin(ada)
    page = ada.get("/interests/Sleep%20%26%20light").text

    assert "sleep of animals" in page
    assert "What it has learnt" in page
    mine = ada.get("/mine").text
    assert 'class="why"' in mine


@pytest.mark.slow
def test_a_first_mark_is_seen_among_the_interests_at_once(ada: TestClient, lib: Library) -> None:
    """The general interest, which it begins, is on the page before any list was asked for, with what it learnt."""
    paper = lib.engine.search("sleep", limit=1).hits[0].paper
    mark(lib, "ada", paper.key, "up")
    page = ada.get("/interests").text

    assert re.search(r'href="/interests/main">main</a>', page)
    assert "sleep" in page.partition('href="/interests/main"')[2].partition("<form")[0]


@pytest.mark.slow
def test_the_list_of_the_day_stays_the_same_when_the_page_is_loaded_again(ada: TestClient) -> None:
    """Papers are new once, and the page of the day still has them in their order, without a count of what is new."""
    _begin(ada)
    listed = [ada.get("/mine").text.partition('class="asked"')[0] for _ in range(2)]
    shown = [re.findall(r'id="(p-[\w-]+)" value', page) for page in listed]

    assert shown[0]
    assert shown[0] == shown[1]
    assert ["new papers" in page for page in listed] == [True, False]
    assert re.search(rf"{len(shown[1])} papers?\b", listed[1])


@pytest.mark.slow
def test_a_list_for_nobody_known_says_so_each_time(ada: TestClient) -> None:
    """As long as nothing is known of a reader the page says that it is what is trending, and how to change that."""
    for page in (ada.get("/mine").text, ada.get("/mine").text):
        assert "Nothing is known of what you like yet, so these are the trending ones." in page
    _begin(ada)
    assert "Nothing is known" not in ada.get("/mine").text


@pytest.mark.slow
def test_a_list_is_the_readers_own_as_soon_as_they_spoke(tmp_path: Path) -> None:
    """What trended before is no list of theirs; it is made anew when they say more, and what they rule out is gone."""
    with sample_at(tmp_path, now=map(NOW.__add__, map(partial(timedelta, 0), count())).__next__) as lib:
        _check_what_is_listed(lib, signed_in(lib, add_reader(lib, "ada").name))


def _check_what_is_listed(lib: Library, ada: TestClient) -> None:
    def listed() -> list[str]:
        page = ada.get("/mine").text.partition('class="asked"')[0]
        return re.findall(r'id="p-([\w-]+)" value', page)

    trending = listed()
    _begin(ada, about="light")
    own = listed()
    assert own
    assert 'class="why"><li>near your words' in ada.get("/mine").text
    add_interest(lib, "ada", "sleeping", Said(about=("sleep",)))
    more = listed()
    assert more != own
    assert set(own) & set(more)
    first = lib.engine.search("id:" + more[0].replace("-", ":")).hits[0].paper
    word = max(re.findall("[a-z]+", first.title.lower()), key=len)
    for name in ("sleeping", "Sleep & light"):
        edit_interest(lib, "ada", name, Said(exclude=(word,)))
    assert more[0] not in listed()
    assert trending


@pytest.mark.slow
def test_a_paper_s_page_leads_through_the_own_list_and_says_why(ada: TestClient, lib: Library) -> None:
    """One goes on to the next paper of the list and back to it; strangers see the edition, as does another address."""
    page = ada.get("/mine").text
    links = re.findall(r'<h2><a href="(/paper/\S+\?within=mine)"', page.partition('class="asked"')[0])
    reason = re.findall(r'<ul class="why"><li>(.*?)</li>', page)[1]
    second = ada.get(links[1]).text
    plain, stranger = ada.get(links[1].partition("?")[0]).text, TestClient(create_app(lib)).get(links[1]).text

    assert f'rel="prev" href="{links[0]}"' in second
    assert f'rel="next" href="{links[2]}"' in second
    assert f'2 of {len(links)} <a href="/mine">for you</a>' in second
    assert f"<li>{reason}</li>" in second
    assert not [there for there in (plain, stranger) if 'within=mine"' in there or "for you</a>" in there]


@pytest.mark.slow
def test_a_short_list_of_the_terminal_is_filled_up_once(ada: TestClient, lib: Library) -> None:
    """What `recommend -n` showed stands first in the list of the day, and others follow, which then stay."""
    _begin(ada, about="light")
    first = [entry.paper.key for entry in recommend(lib, Ask("ada", limit=1)).entries]
    pages = [
        re.findall(r'id="p-([\w-]+)" value', ada.get("/mine").text.partition('class="asked"')[0]) for _ in range(2)
    ]

    assert [key.replace(":", "-") for key in first] == pages[0][:1]
    assert len(set(pages[0])) == len(pages[0]) > 1
    assert pages[0] == pages[1]


@pytest.mark.slow
def test_a_box_is_what_shall_be_there_from_now_on(ada: TestClient, lib: Library) -> None:
    """Lines that were taken out are gone, new ones are there, and the rest stays."""
    _begin(ada, authors="Gudrun Aziz\nSana Wierzbicki")
    form = {"csrf": csrf_of(ada), "name": "Night", "share": "2", "about": "sleep of animals", "authors": "Gudrun Aziz"}
    answer = ada.post("/interests/Sleep%20%26%20light", data={**form, "exclude": "survey"})

    kept = show_interest(lib, "ada", "Night").interest
    assert (answer.url.path, ">Saved.<" in answer.text) == ("/interests/Night", True)
    assert (kept.share, kept.profile.authors, kept.profile.exclude) == (2.0, ("Gudrun Aziz",), ("survey",))


@pytest.mark.slow
def test_what_came_since_the_page_was_opened_stays(ada: TestClient, lib: Library) -> None:
    """A form takes out and writes in what its reader did there; what another window said meanwhile is kept, also where
    the form had to be corrected first.
    """
    _begin(ada, name="same")
    page = ada.get("/interests/same").text
    hidden = dict(re.findall(r'type="hidden" name="(was-[a-z]+)" value="([^"]*)"', page))
    edit_interest(lib, "ada", "same", Said(exclude=("survey",), about=("dreams",)))

    wrong = ada.post("/interests/same", data={"csrf": csrf_of(ada), **hidden, "about": "light", "share": "much"})
    again = dict(re.findall(r'type="hidden" name="(was-[a-z]+)" value="([^"]*)"', wrong.text))
    saved = ada.post("/interests/same", data={"csrf": csrf_of(ada), **again, "about": "light"})

    profile = show_interest(lib, "ada", "same").interest.profile
    assert (wrong.status_code, saved.status_code) == (400, 200)
    assert (profile.about, profile.exclude) == (("dreams", "light"), ("survey",))


@pytest.mark.slow
def test_a_box_is_taken_as_it_is_written(ada: TestClient, lib: Library) -> None:
    """A paper in another spelling stays, a line can go from one box to another, and what could not be had is named."""
    first, second = [hit.paper.key for hit in lib.engine.search("cat:q-bio", limit=2).hits]
    began = ada.post("/interests", data={"csrf": csrf_of(ada), "name": "Sleep & light", "papers": f"{first} nonsense"})
    assert "Left out: nonsense" in began.text
    form = {"csrf": csrf_of(ada), "name": "Sleep & light"}
    ada.post("/interests/Sleep%20%26%20light", data={**form, "seeds": first, "include": "birds\ncs.CL"})
    bare = first.removeprefix("arxiv:")
    form |= {"seeds": f"{bare}\n{second}\nrubbish", "include": "cs.CL", "exclude": "birds", "categories": "cs.CL"}
    answer = ada.post("/interests/Sleep%20%26%20light", data=form)
    kept = show_interest(lib, "ada", "Sleep & light").interest.profile
    assert (set(kept.seeds), kept.include, kept.exclude) == ({first, second}, ("cs.CL",), ("birds",))
    assert "Saved. Left out: rubbish, no paper of the library" in answer.text

    ada.post("/interests/Sleep%20%26%20light", data=form | {"seeds": first, "categories": "cs.IR", "include": "cs.CL"})
    kept = show_interest(lib, "ada", "Sleep & light").interest.profile
    assert (kept.seeds, kept.include, kept.categories) == ((first,), ("cs.CL",), ("cs.IR",))


@pytest.mark.slow
def test_what_cannot_be_is_told_on_the_page_and_nothing_is_lost(ada: TestClient, lib: Library) -> None:
    """A wrong share, an unknown paper and a name that is taken each come back with a sentence."""
    _begin(ada)
    form = {"csrf": csrf_of(ada), "name": "Sleep & light", "about": "sleep of animals"}
    for wrong in ({"share": "much"}, {"seeds": "nonsense"}):
        answer = ada.post("/interests/Sleep%20%26%20light", data={**form, "exclude": "survey", **wrong})
        assert (answer.status_code, ">survey</textarea>" in answer.text) == (400, True)
        assert all(typed in answer.text for typed in wrong.values())
        assert 'role="alert"' in answer.text
    taken = ada.post("/interests", data={**form, "about": "other words"})

    assert taken.status_code == 400
    assert "other words" in taken.text
    assert show_interest(lib, "ada", "Sleep & light").interest.profile.about == ("sleep of animals",)


@pytest.mark.slow
def test_an_interest_can_be_exported_reset_and_removed(ada: TestClient, lib: Library) -> None:
    """The file is complete, and what is removed is gone."""
    _begin(ada)
    path = "/interests/Sleep%20%26%20light"
    assert ada.get(f"{path}/export").json()["profile"]["about"] == ["sleep of animals"]
    assert ada.post(f"{path}/reset", data={"csrf": csrf_of(ada)}).status_code == 200
    ada.post(f"{path}/remove", data={"csrf": csrf_of(ada)})

    assert list_interests(lib, "ada") == []


@pytest.mark.slow
def test_nobody_sees_or_changes_the_interests_of_another(ada: TestClient, lib: Library) -> None:
    """Another reader finds nothing at the same address, and who has not signed in is asked to."""
    _begin(ada)
    eve, nobody = signed_in(lib, add_reader(lib, "eve").name), TestClient(create_app(lib), follow_redirects=False)
    path = "/interests/Sleep%20%26%20light"

    for address in (path, f"{path}/export"):
        assert eve.get(address).status_code == 404
        assert nobody.get(address).status_code == 303
    assert eve.post(f"{path}/remove", data={"csrf": csrf_of(eve)}).status_code == 404
    assert "sleep of animals" not in eve.get("/interests").text + eve.get("/mine").text
    assert nobody.get("/mine").status_code == 303
    assert len(list_interests(lib, "ada")) == 1


@pytest.mark.slow
def test_an_interest_has_a_feed_at_a_secret_address_until_it_is_taken_back(lib: Library, ada: TestClient) -> None:
    """What it brings stays in it and counts as shown; anybody with the address reads it, and nobody after its end."""
    _begin(ada)
    page = ada.post("/interests/Sleep%20%26%20light/feed", data={"csrf": csrf_of(ada), "on": "1"}).text
    found = re.search(r"/for/[\w-]+\.atom", page)
    assert found
    nobody = TestClient(create_app(lib), headers={"Origin": "http://testserver"})
    first, second = nobody.get(found[0]), nobody.get(found[0])
    read = feedparser.parse(first.content)

    assert not read.bozo
    assert read.entries
    assert [e.id for e in feedparser.parse(second.content).entries] == [e.id for e in read.entries]
    assert first.headers["x-robots-tag"] == "noindex, nofollow"
    assert not recommend(lib, Ask("ada")).entries  # one reading state: nothing of it is new anywhere else
    assert nobody.get(found[0].replace(".atom", ".json")).json()["items"]
    assert found[0] in ada.get("/feeds/mine.opml").text
    assert found[0] not in nobody.get("/feeds").text

    ada.post("/interests/Sleep%20%26%20light/feed", data={"csrf": csrf_of(ada), "on": ""})
    assert nobody.get(found[0]).status_code == 404
