"""What people come for, from the link in the terminal to a search that is kept: with script and without."""

import re
from typing import TYPE_CHECKING

import pytest

from tests.browser.visit import Visit

if TYPE_CHECKING:
    from playwright.sync_api import Locator

SIGNS = {"More like this": "△▲", "Less of this": "▽▼", "Save": "☆★", "Read": "✓✔", "Hide": "✕✖"}

SCRIPT = pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])


def _begin(reader: Visit, script: bool) -> None:
    """The same reader with script switched on or off, and no mark left by another test."""
    reader.begin(java_script_enabled=script)
    pressed = reader.page.locator('.marks button[aria-pressed="true"], .away button')
    while reader.go("/month?view=cards") and pressed.count():
        pressed.first.click()
        reader.page.wait_for_load_state("networkidle")


def _wait_pressed(reader: Visit, label: str, pressed: bool) -> None:
    button = reader.page.locator(f'.marks button[aria-label="{label}"]').first
    state = str(pressed).lower()
    told = button.and_(reader.page.locator(f'[aria-pressed="{state}"]'))
    told.filter(has_text=SIGNS[label][pressed]).wait_for()


@SCRIPT
def test_the_owner_s_link_signs_in_once(visit: Visit, script: bool) -> None:
    """The link from the terminal leads to the edition as its owner; used again it says so."""
    visit.begin(java_script_enabled=script)
    link = visit._owner_link()
    visit.page.goto(link)
    assert visit.page.locator(".paper").count() > 3
    assert visit.page.locator(".visitor").get_by_text("me").is_visible()

    visit.expected.add("404")
    visit.page.goto(link)
    assert "used" in visit.page.locator("main").inner_text()


@SCRIPT
def test_an_edition_is_turned_and_narrowed(reader: Visit, script: bool) -> None:
    """Earlier days, a category, a density and an order are one click away, and the address says what is seen."""
    reader.begin(java_script_enabled=script)
    page = reader.go("/")
    first = page.locator("h1").inner_text()
    reader.follow(page.locator("a[rel=prev]").first)
    assert page.locator("h1").inner_text() != first

    page = reader.go("/month")
    everything = page.locator(".paper").count()
    reader.follow(page.locator(".cats a").nth(1))
    assert 0 < page.locator(".paper").count() < everything
    assert "cat=" in page.url
    reader.follow(page.get_by_role("button", name="titles"))
    assert page.locator("ol.papers.titles").count() == 1
    reader.follow(page.get_by_role("link", name="new", exact=True))
    assert "sort=new" in page.url


@SCRIPT
@pytest.mark.parametrize("label", ["More like this", "Save", "Read"])
def test_a_mark_is_set_and_taken_back_by_a_click(reader: Visit, script: bool, label: str) -> None:
    """A button marks, shows that it did, holds on the next page, and takes back."""
    _begin(reader, script)
    reader.page.locator(f'.marks button[aria-label="{label}"]').first.click()
    _wait_pressed(reader, label, True)
    reader.go("/month")
    _wait_pressed(reader, label, True)
    reader.page.locator(f'.marks button[aria-label="{label}"]').first.click()
    _wait_pressed(reader, label, False)


@SCRIPT
def test_a_paper_that_was_hidden_is_a_line_and_can_be_shown_again(reader: Visit, script: bool) -> None:
    """Hidden, it says so at once; looked at again it is one line, which keys pass over, with a button to show it."""
    _begin(reader, script)
    page = reader.page
    second = page.locator(".paper").nth(1)
    key = second.get_attribute("id")
    hide = second.get_by_role("button", name="Hide")
    if script:
        hide.click()
        page.locator("#said", has_text="Hidden Undo").wait_for()
        page.locator(f"#{key}.hidden").wait_for()
    else:
        reader.follow(hide)
    page = reader.go("/month?view=cards")
    line = page.locator(f"#{key}")
    assert line.locator("button").count() == 1
    if script:
        third = page.locator(".paper").nth(2).get_attribute("id")
        page.keyboard.press("j")
        page.keyboard.press("j")
        assert page.evaluate("document.activeElement.id") == third
        page.keyboard.press("k")
        assert page.evaluate("document.activeElement.id") not in ("", key, third)
    reader.follow(line.get_by_role("button", name="Show it again"))
    page.locator(f"#{key} .abstract").wait_for()


@pytest.mark.parametrize(
    ("key", "label"), [("u", "More like this"), ("d", "Less of this"), ("s", "Save"), ("r", "Read"), ("h", "Hide")]
)
def test_a_mark_is_set_and_taken_back_by_a_key(reader: Visit, key: str, label: str) -> None:
    """A letter does to the paper in focus what its button does, and undoes it."""
    _begin(reader, True)
    reader.page.keyboard.press("j")
    reader.page.keyboard.press(key)
    _wait_pressed(reader, label, True)
    reader.page.keyboard.press(key)
    _wait_pressed(reader, label, False)


def test_a_mark_that_does_not_reach_the_server_is_told_on_the_page(reader: Visit) -> None:
    """Without a connection the page stays, says that nothing was saved, and the button is as it was."""
    page = reader.go("/month")
    page.route("**/mark", lambda route: route.abort())
    before = page.url
    reader.expected.add("ERR_FAILED")
    page.locator('.marks button[aria-label="Save"]').first.click()
    page.get_by_role("status").filter(has_text="Not saved").wait_for()
    _wait_pressed(reader, "Save", False)
    assert page.url == before


def test_keys_move_open_and_go(reader: Visit) -> None:
    """j and k move, o opens, / searches, ? lists all, and g with a letter goes to a page."""
    page = reader.go("/month")
    page.keyboard.press("j")
    page.keyboard.press("j")
    second = page.evaluate("document.activeElement.id")
    page.keyboard.press("k")
    assert page.evaluate("document.activeElement.id") not in ("", second)
    page.keyboard.press("o")
    page.wait_for_url("**/paper/**")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name") == "q"
    for letter, path in (
        ("r", "/trending"),
        ("m", "/mine"),
        ("i", "/interests"),
        ("f", "/feeds"),
        ("s", "/status"),
        ("t", "/"),
    ):
        page.locator("h1").first.click()
        page.keyboard.press("g")
        page.keyboard.press(letter)
        page.wait_for_url(reader.address + path)


def test_escape_leaves_the_search_box(reader: Visit) -> None:
    """After / and Esc letters are keys again, and what was typed stays in the box."""
    page = reader.go("/month")
    page.keyboard.press("/")
    page.keyboard.type("tide")
    page.keyboard.press("Escape")
    assert page.locator(".find input").input_value() == "tide"
    page.keyboard.press("g")
    page.keyboard.press("f")
    page.wait_for_url(reader.address + "/feeds")


def test_keys_can_be_switched_off(reader: Visit) -> None:
    """The list of keys has a switch; off, no key does anything and a button opens the list."""
    page = reader.go("/month")
    page.keyboard.press("?")
    assert page.locator("#keys").is_visible()
    page.locator("#keys-on").uncheck()
    page.locator("#keys button").click()
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.className") != "paper"
    page.keyboard.press("?")
    assert not page.locator("#keys").is_visible()
    page.locator("#show-keys").click()
    page.locator("#keys-on").check()
    page.locator("#keys button").click()
    page.keyboard.press("j")
    assert "paper" in page.evaluate("document.activeElement.className")


@SCRIPT
def test_a_search_leads_to_a_paper(reader: Visit, script: bool) -> None:
    """Words find papers, a hit opens, and what is not found is said."""
    reader.begin(java_script_enabled=script)
    page = reader.go("/")
    page.locator("input[name=q]").fill("learning")
    page.locator("input[name=q]").press("Enter")
    page.wait_for_url("**/search?q=learning*")
    reader.follow(page.locator(".paper h2 a").first)
    page.wait_for_url("**/paper/**")
    assert page.locator("article.single h1").is_visible()

    page = reader.go("/search?q=qqqqzzzz")
    assert page.locator(".none").first.is_visible()


@SCRIPT
def test_an_interest_begins_with_a_few_words(reader: Visit, script: bool) -> None:
    """Begun, it has a page that says what it learnt; removed, it is gone."""
    reader.begin(java_script_enabled=script)
    page = reader.go("/interests")
    page.locator("#name").fill(f"Graphs {script}")
    page.locator("#about").fill("graph neural networks for molecules")
    reader.follow(page.locator("form.fields button"))
    assert page.locator("h1").inner_text() == f"Graphs {script}"
    page.locator("summary", has_text="Remove this interest").click()
    reader.follow(page.get_by_role("button", name="Remove it"))
    assert page.get_by_role("link", name=f"Graphs {script}").count() == 0


@SCRIPT
def test_the_language_is_a_setting(reader: Visit, script: bool) -> None:
    """Chosen in the settings, German is what every page speaks; chosen back, English."""
    reader.begin(java_script_enabled=script)
    page = reader.go("/settings")
    page.locator("#language").select_option("de")
    reader.follow(page.locator("#pages form.fields button").first)
    assert page.locator("html").get_attribute("lang") == "de"
    assert page.get_by_role("heading", name="Einstellungen").is_visible()
    assert reader.go("/").get_by_role("link", name="Heute").is_visible()
    page = reader.go("/settings")
    page.locator("#language").select_option("")
    reader.follow(page.locator("#pages form.fields button").first)
    assert page.locator("html").get_attribute("lang") == "en"


def test_feeds_of_a_list_can_be_found(visit: Visit) -> None:
    """A feed reader that is given a page's address finds its feeds, and the page for them lists all."""
    page = visit.go("/trending")
    kinds = {link.get_attribute("type") for link in page.locator("link[rel=alternate]").all()}
    assert {"application/atom+xml", "application/rss+xml", "application/feed+json"} <= kinds
    page = visit.go("/feeds")
    assert page.locator("table.feeds a", has_text=re.compile("Atom")).count() > 3


def test_who_has_not_signed_in_can_read_and_is_asked_to(visit: Visit) -> None:
    """Everybody reads; marks are for readers; what is a reader's own leads to the way in."""
    page = visit.go("/")
    assert page.locator(".paper").count() > 0
    assert page.locator(".marks").count() == 0
    visit.go("/mine")
    assert "/sign-in?next=/mine" in visit.page.url


def _collection(reader: Visit, name: str, papers: str) -> None:
    """A new collection with these papers, opened."""
    page = reader.go("/collections")
    page.locator("#name").fill(name)
    reader.follow(page.locator("main form.fields button").first)
    page.locator("summary", has_text="Add, import").click()
    page.locator("#papers").fill(papers)
    reader.follow(page.get_by_role("button", name="Add", exact=True))


def _order(reader: Visit) -> list[str]:
    return [str(paper.get_attribute("id")) for paper in reader.page.locator("ol.papers > li").all()]


@SCRIPT
def test_a_collection_is_put_in_order(reader: Visit, script: bool) -> None:
    """Buttons move a paper with and without script; with it a handle is dragged, or moved by the arrow keys."""
    reader.begin(java_script_enabled=script)
    _collection(reader, f"In order {script}", "demo:0001 demo:0002 demo:0003")
    page = reader.page
    reader.follow(page.get_by_role("link", name="Arrange, or take out"))
    first, second, third = _order(reader)
    page.get_by_role("button", name="Down", exact=True).first.click()
    page.locator("ol.papers > li").first.and_(page.locator(f"#{second}")).wait_for()
    page.wait_for_load_state()
    assert _order(reader) == [second, first, third]
    assert page.locator(".handle").count() == (3 if script else 0)
    if not script:
        return

    handle = page.locator(f"#{third} .handle")
    handle.scroll_into_view_if_needed()
    handle.hover()
    page.mouse.down()
    top = page.locator(f"#{second}").bounding_box()
    assert top
    page.mouse.move(top["x"] + 20, top["y"] + 80, steps=6)
    page.mouse.move(top["x"] + 20, top["y"] + 2, steps=6)
    page.mouse.up()
    page.locator("#arranged", has_text="Moved to place 1.").wait_for(state="attached")
    assert _order(reader) == [third, second, first]

    page.locator(f"#{third} .handle").focus()
    page.keyboard.press("ArrowDown")
    page.locator("#arranged", has_text="Moved to place 2.").wait_for(state="attached")
    assert page.evaluate("document.activeElement.closest('li').id") == third
    page.reload()
    assert _order(reader) == [second, third, first]

    page.locator(f"#{first} .handle").hover()
    page.mouse.down()
    page.mouse.move(top["x"] + 20, top["y"] + 2, steps=6)
    page.keyboard.press("Escape")
    page.mouse.up()
    assert _order(reader) == [second, third, first]


@SCRIPT
def test_a_mark_can_be_undone(reader: Visit, script: bool) -> None:
    """What was marked by mistake is taken back by a button on the page of collections, and with script by one key."""
    _begin(reader, script)
    page = reader.page
    page.locator('.marks button[aria-label="Less of this"]').first.click()
    _wait_pressed(reader, "Less of this", True)
    if script:
        page.keyboard.press("z")
        _wait_pressed(reader, "Less of this", False)  # a page that is left at once takes its question along
    else:
        reader.follow(reader.go("/collections").get_by_role("link", name="Undo my last action"))
        assert "): less like “" in page.locator("main").inner_text()
        reader.follow(page.get_by_role("button", name="Take it back"))
        assert page.url.endswith("/collections")
    reader.go("/month")
    _wait_pressed(reader, "Less of this", False)


@SCRIPT
def test_a_paper_is_collected_and_that_undone(reader: Visit, script: bool) -> None:
    """A button puts a paper into a collection; a button at the foot undoes that, with script also one below and z."""
    _begin(reader, script)
    page = reader.go("/collections")
    page.locator("#name").fill(f"To undo {script}")
    reader.follow(page.locator("main form.fields button").first)
    page = reader.go("/month?view=cards")
    menu = page.locator(".paper .filing").first
    button = menu.locator("button", has_text=f"To undo {script}")
    for how in ("Undo", "z") if script else ("Undo my last action",):
        if not button.is_visible():
            menu.locator("summary").click()
        button.click()
        button.and_(page.locator('[aria-pressed="true"]')).wait_for(state="attached")
        if how == "z":
            page.keyboard.press(how)
        elif script:
            page.get_by_role("button", name=how, exact=True).click()
        else:
            reader.follow(page.get_by_role("link", name=how))
            assert f"changed the collection “To undo {script}”" in page.locator("main").inner_text()
            reader.follow(page.get_by_role("button", name="Take it back"))
        button.and_(page.locator('[aria-pressed="false"]')).wait_for(state="attached")


def test_a_note_outlives_the_session_that_it_was_written_in(reader: Visit) -> None:
    """Sent after signing out elsewhere it is not saved: the page shows it and says so, and where it was written it is
    in its box again after signing in.
    """
    _begin(reader, True)
    page = reader.go("/month")
    paper = page.locator(".paper h2 a").first.get_attribute("href")
    assert paper
    reader.page.goto(reader.address + paper)
    page.keyboard.press("n")
    page.locator("#note").fill("half a thought")
    reader.expected.add("401")
    reader.sign_out()
    reader.follow(page.locator(".own-note").get_by_role("button", name="Save"))

    assert page.locator("#written").input_value() == "half a thought"
    reader.sign_in()
    reader.page.goto(reader.address + paper + "#note-title")
    assert page.locator("#note").input_value() == "half a thought"


def test_who_comes_back_sees_what_was_marked_meanwhile(reader: Visit) -> None:
    """A page that the browser kept says what was marked since on another."""
    _begin(reader, True)
    page = reader.page
    reader.follow(page.locator(".paper h2 a").first)
    page.locator('.marks button[aria-label="Save"]').click()
    _wait_pressed(reader, "Save", True)
    page.go_back()
    _wait_pressed(reader, "Save", True)


def test_who_comes_back_sees_what_they_marked_there(reader: Visit) -> None:
    """A page that is made anew of what the browser kept is older than what was pressed on it."""
    _begin(reader, True)
    page = reader.page
    page.locator('.paper .marks button[aria-label="Read"]').first.click()
    _wait_pressed(reader, "Read", True)
    reader.follow(page.locator(".paper h2 a").first)
    page.go_back()
    page.wait_for_url("**view=**")
    _wait_pressed(reader, "Read", True)


def test_who_comes_back_goes_on_from_the_paper_that_they_left_the_list_at(reader: Visit) -> None:
    """After a paper was opened and marked, j goes from it to the next one, not to the first of the list."""
    page = reader.go("/month?view=titles")
    names = [paper.get_attribute("id") for paper in page.locator(".paper").all()[:4]]
    for _ in range(3):
        page.keyboard.press("j")
    page.keyboard.press("o")
    page.wait_for_url("**/paper/**")
    page.keyboard.press("s")
    _wait_pressed(reader, "Save", True)
    page.go_back()
    page.wait_for_url("**view=titles")
    page.locator(f'#{names[2]} button[aria-label="Save"][aria-pressed="true"]').wait_for()
    page.locator(f"#{names[2]}:focus").wait_for()
    page.keyboard.press("j")
    page.locator(f"#{names[3]}:focus").wait_for()


def _filing(reader: Visit, name: str) -> "Locator":
    """The button of a collection under the first paper."""
    return reader.page.locator(".paper .filing").first.locator("button", has_text=name)


def _file(reader: Visit, name: str) -> None:
    """Put the first paper of the month into a collection."""
    reader.go("/month?view=cards").locator(".paper .filing summary").first.click()
    _filing(reader, name).click()
    _filing(reader, name).and_(reader.page.locator('[aria-pressed="true"]')).wait_for()


def test_who_comes_back_sees_what_a_form_on_another_page_did(reader: Visit) -> None:
    """A paper that was taken out of a collection is shown as out, and a collection that was made has its button."""
    _begin(reader, True)
    _collection(reader, "Left again", "")
    at = reader.page.url
    _file(reader, "Left again")
    page = reader.page
    page.goto(at + "?arrange=1")
    reader.follow(page.get_by_role("button", name="Take out", exact=True))
    page.locator("main .none").wait_for()
    page.go_back()
    page.locator("main .none").wait_for()
    page.go_back()
    page.wait_for_url("**view=cards*")
    _filing(reader, "Left again").and_(page.locator('[aria-pressed="false"]')).wait_for(state="attached")

    menu = page.locator(".paper .filing").first
    if not menu.locator("a").last.is_visible():
        menu.locator("summary").click()
    reader.follow(menu.locator("a", has_text="a new one"))
    page.locator("#name").fill("Made meanwhile")
    reader.follow(page.locator("main form.fields button").first)
    page.wait_for_url("**/collection/*")
    page.go_back()
    page.wait_for_load_state("networkidle")
    page.go_back()
    _filing(reader, "Made meanwhile").wait_for(state="attached")


def test_one_mark_after_the_other_is_undone_without_loading_the_page(reader: Visit) -> None:
    """After a mark and a collecting z takes both back, the last first, says of which paper, and the page stays."""
    _begin(reader, True)
    _collection(reader, "Undone by key", "")
    page = reader.go("/month?view=cards")
    page.locator('.marks button[aria-label="Read"]').first.click()
    _wait_pressed(reader, "Read", True)
    page.locator(".paper .filing summary").first.click()
    _filing(reader, "Undone by key").click()
    _filing(reader, "Undone by key").and_(page.locator('[aria-pressed="true"]')).wait_for()
    page.evaluate("window.stays = true")

    page.keyboard.press("z")
    _filing(reader, "Undone by key").and_(page.locator('[aria-pressed="false"]')).wait_for(state="attached")
    page.get_by_role("status").filter(has_text="taken back").wait_for()
    _wait_pressed(reader, "Read", True)
    page.keyboard.press("z")
    _wait_pressed(reader, "Read", False)
    page.get_by_role("status").filter(has_text=page.locator(".paper h2 a").first.inner_text()).wait_for()
    assert page.evaluate("window.stays")


def test_a_move_that_is_undone_by_key_is_seen_at_once(reader: Visit) -> None:
    """On a collection's page z takes a move back, and the papers stand as before."""
    reader.begin()
    _collection(reader, "Moved and back", "demo:0001 demo:0002 demo:0003")
    page = reader.page
    reader.follow(page.get_by_role("link", name="Arrange, or take out"))
    before = _order(reader)
    page.locator(".handle").first.focus()
    page.keyboard.press("ArrowDown")
    page.locator("#arranged", has_text="Moved to place 2.").wait_for(state="attached")
    page.keyboard.press("z")
    page.locator("ol.papers > li").first.and_(page.locator(f"#{before[0]}")).wait_for()
    assert _order(reader) == before
