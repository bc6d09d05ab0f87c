"""Every page, in both themes and on a phone: readable by everybody, within its policy, not too wide."""

from typing import Literal

import pytest

from tests.browser.visit import PHONE, Visit

FOR_READERS = (
    "/",
    "/week",
    "/month",
    "/2020-01-01",
    "/?view=compact",
    "/?view=titles",
    "/trending",
    "/trending?rising=true",
    "/search",
    "/search?q=learning",
    "/search?q=zzzz",
    "/paper/demo:0001",
    "/mine",
    "/interests",
    "/interests/Sleep",
    "/collections",
    "/searches",
    "/digests",
    "/digests/settings",
    "/digests/outlets",
    "/collect/demo:0003",
    "/by/me",
    "/notices",
    "/settings",
    "/admin",
    "/admin/merges",
    "/admin/comments",
    "/admin/readers/me",
    "/status",
    "/feeds",
    "/welcome",
)
FOR_EVERYBODY = ("/", "/sign-in", "/paper/demo:0002", "/no-such-page", "/paper/arxiv:0000.00000", "/feeds")


def _begin_interest(reader: Visit) -> None:
    page = reader.go("/interests")
    if page.locator("a", has_text="Sleep").count() == 0:
        page.locator("#name").fill("Sleep")
        page.locator("#about").fill("sleep and memory")
        reader.follow(page.locator("form.fields button"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_of_a_reader_keeps_anybody_out(reader: Visit, scheme: str) -> None:
    """axe finds nothing on any page, none has errors or breaks its policy, and none asks another host."""
    _begin_interest(reader)
    reader.begin(color_scheme=scheme)

    found = {}
    for path in FOR_READERS:
        reader.go(path)
        if wrong := reader.violations():
            found[path] = wrong
    assert found == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_open_page_keeps_anybody_out(visit: Visit, scheme: str) -> None:
    """The same holds for whoever has not signed in, on errors too."""
    visit.expected.add("404")
    visit.begin(color_scheme=scheme)

    found = {}
    for path in FOR_EVERYBODY:
        visit.go(path)
        if wrong := visit.violations():
            found[path] = wrong
    assert found == {}


def test_no_page_is_wider_than_a_phone(reader: Visit) -> None:
    """At 390 pixels nothing has to be scrolled sideways, in the longer language too."""
    _begin_interest(reader)
    found = []
    for locale in ("en-GB", "de-DE"):
        reader.begin(viewport=PHONE, locale=locale)
        found += [f"{locale} {path}" for path in FOR_READERS if reader.go(path) and reader.is_too_wide()]
    assert found == []


@pytest.mark.parametrize("media", ["screen", "print"])
def test_lists_are_as_dense_as_a_reader_likes_them(reader: Visit, media: Literal["screen", "print"]) -> None:
    """Abstracts are on cards alone, authors not beside bare titles."""
    seen = {}
    for view in ("cards", "compact", "titles"):
        page = reader.go(f"/?view={view}")
        page.emulate_media(media=media)
        seen[view] = [page.locator(f".paper {part}").first.is_visible() for part in ("h2", ".byline", ".abstract")]

    assert seen == {"cards": [True, True, True], "compact": [True, True, False], "titles": [True, False, False]}


def test_paper_shows_papers_alone(reader: Visit) -> None:
    """Printed, an edition has titles and abstracts in full, and nothing to press."""
    page = reader.go("/?view=cards")
    page.emulate_media(media="print")

    assert page.locator(".paper h2").first.is_visible()
    assert page.locator(".paper .abstract").first.is_visible()
    hidden = (".masthead nav", ".find", ".marks", ".foot", ".tabs")
    assert [what for what in hidden if page.locator(what).first.is_visible()] == []


def test_the_first_view_is_small(reader: Visit) -> None:
    """The front page with all that it needs is below 100 kB."""
    sizes: list[int] = []
    reader.page.on("response", lambda answer: sizes.append(len(answer.body())))
    reader.go("/")
    reader.page.wait_for_load_state("networkidle")

    assert len(sizes) >= 3
    assert sum(sizes) < 100_000


def test_neither_a_long_word_nor_a_long_formula_makes_a_page_wide(reader: Visit) -> None:
    """On a phone a word of a title that is longer than a line is broken, and a formula of an abstract is scrolled."""
    reader.begin(viewport=PHONE)
    long = {
        "/paper/demo:0001": ("h1", "Donaudampfschifffahrt" * 9),
        "/paper/demo:0002": (".abstract", "<math><mi>" + "x" * 300 + "</mi></math>"),
        "/": (".paper h2 a", "Donaudampfschifffahrt" * 9),
    }
    found = []
    for path, (place, text) in long.items():
        reader.go(path).locator(place).first.evaluate("(e, text) => (e.innerHTML = text)", text)
        found += [path] if reader.is_too_wide() else []
    assert found == []


def test_every_control_shows_the_focus_alike(reader: Visit) -> None:
    """Whoever goes through a form by keys sees one ring around boxes, lists to choose from and buttons."""
    page = reader.go("/digests/settings")
    ring = "(({outlineStyle, outlineWidth}) => outlineStyle + outlineWidth)(getComputedStyle(document.activeElement))"
    seen = set()
    page.locator("main :is(input, select, textarea):not([type=hidden])").first.focus()
    for _ in range(8):
        page.keyboard.press("Tab")
        seen.add(page.evaluate(ring))
    assert seen == {"solid2px"}


def test_a_printed_page_has_nothing_to_press(reader: Visit) -> None:
    """On paper there are no buttons, no files to download, and no headings of forms that are not there."""
    _begin_interest(reader)
    found = {}
    for path in ("/paper/demo:0001", "/interests/Sleep", "/admin/readers/me"):
        page = reader.go(path)
        page.emulate_media(media="print")
        pressed = page.locator('main :is(button, h2:has(+ form), [href$=".bib"])').all()
        found[path] = [one.text_content() for one in pressed if one.is_visible()]
    assert not any(found.values()), found
