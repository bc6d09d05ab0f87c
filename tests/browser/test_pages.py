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
    """At 390 pixels no page and no table has to be scrolled sideways, in the longer language too."""
    _begin_interest(reader)
    tables = "all => all.filter(e => e.scrollWidth > e.clientWidth).length"

    def is_too_wide(path: str) -> bool:
        return bool(reader.go(path).locator(".wide").evaluate_all(tables)) or reader.is_too_wide()

    found = []
    for locale in ("en-GB", "de-DE"):
        reader.begin(viewport=PHONE, locale=locale)
        found += [f"{locale} {path}" for path in FOR_READERS if is_too_wide(path)]
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


def test_what_is_chosen_is_seen_where_the_system_chooses_the_colours(reader: Visit) -> None:
    """With forced colours a chosen tab and a pressed mark have a frame that the others lack, and so has j's row."""
    reader.begin(forced_colors="active")
    page = reader.go("/month?view=cards")
    if page.locator('.marks [aria-pressed="true"]').count() == 0:
        page.locator(".marks button").first.click()
    page.locator('.marks [aria-pressed="true"]').first.wait_for()
    page.keyboard.press("j")
    frame = "all => [...new Set(all.map(e => getComputedStyle(e)).map(s => s.outlineStyle + ' ' + s.outlineWidth))]"
    chosen = "[aria-current], [aria-pressed=true]"
    for place in (".tabs a", "button.tab", ".marks button"):
        assert page.locator(place).and_(page.locator(chosen)).evaluate_all(frame) == ["solid 2px"], place
        written = page.locator(place).and_(page.locator(chosen)).first.evaluate("e => getComputedStyle(e).color")
        assert written == "rgb(255, 255, 255)", place
        assert "solid 2px" not in page.locator(place).and_(page.locator(f":not({chosen})")).evaluate_all(frame), place
    assert page.locator(".paper:focus").evaluate_all(frame) == ["solid 2px"]


@pytest.mark.parametrize("width", [320, 390, 820])
def test_all_places_are_in_sight(reader: Visit, width: int) -> None:
    """On the narrowest telephone every link of the main navigation lies within the window, once its menu is open."""
    reader.begin(viewport={"width": width, "height": 700}, java_script_enabled=False)
    page = reader.go("/")
    if width < 500:
        page.get_by_role("button", name="Menu").click()
        page.locator(".masthead nav").wait_for()
    boxes = [one.bounding_box() for one in page.locator(".masthead nav a").all()]
    assert len(boxes) == 9
    assert all(box and box["x"] + box["width"] <= width for box in boxes)
    assert not reader.is_too_wide()


@pytest.mark.parametrize("language", ["en", "de"])
def test_on_a_telephone_one_row_stands_above_the_page(reader: Visit, language: str) -> None:
    """The places are in a menu that keys open and close without script, and what is touched is 44 pixels high."""
    reader.begin(viewport={"width": 390, "height": 844}, java_script_enabled=False, locale=language)
    page = reader.go("/")
    head = page.locator(".masthead").bounding_box()
    places = page.locator(".masthead nav")
    assert head
    assert head["height"] < 66
    assert not places.is_visible()
    opener = page.get_by_role("button", name={"en": "Menu", "de": "Menü"}[language])
    opener.press("Enter")
    places.wait_for()
    page.keyboard.press("Tab")
    assert page.locator(".menu :focus").count() == 1
    touched = ".menu a, .menu button, .opener, .find input, .tabs a, .tabs button, .dateline a, .marks button"
    sizes = page.locator(touched).evaluate_all("all => all.map(e => [e.textContent, e.getBoundingClientRect().height])")
    assert [text for text, height in sizes if height < 44] == []
    page.keyboard.press("Escape")
    places.wait_for(state="hidden")
    reader.begin(viewport={"width": 390, "height": 844}, locale=language)
    page = reader.go("/")
    page.locator(".opener").click()
    page.locator(".masthead nav").wait_for()
    assert reader.violations() == []


SMALL = """() => [...document.querySelectorAll('main :is(a, button, summary, select, input:not([type=hidden]))')]
    .filter(e => e.checkVisibility() && !['checkbox', 'radio'].includes(e.type))
    .filter(e => !(e.tagName === 'A' && getComputedStyle(e).display === 'inline'))
    .filter(e => { const b = e.getBoundingClientRect(); return b.height && b.height < 44 }).map(e => e.outerHTML)"""


def test_what_is_touched_on_a_telephone_is_high_enough(reader: Visit) -> None:
    """Buttons, fields and links that stand for themselves are 44 pixels high on every kind of page."""
    reader.begin(viewport={"width": 390, "height": 844})
    small = {}
    for path in ("/", "/mine", "/search?q=sleep+cat:cs.SD", "/paper/demo:0006", "/feeds", "/settings", "/collections"):
        small[path] = reader.go(path).evaluate(SMALL)
    assert {path: found for path, found in small.items() if found} == {}


def test_a_text_from_right_to_left_begins_at_the_right(reader: Visit) -> None:
    """A title's direction is that of its own script, whatever the page's."""
    heading = reader.go("/").locator(".paper h2").first
    look = """(e, text) => { e.textContent = text; const r = document.createRange(); r.selectNodeContents(e);
        return [r.getBoundingClientRect().left - e.getBoundingClientRect().left,
                e.getBoundingClientRect().right - r.getBoundingClientRect().right] }"""
    left, right = heading.evaluate(look, "تعلم")
    assert (left > 100, right < 1) == (True, True)
    left, right = heading.evaluate(look, "Learning")
    assert (left < 1, right > 100) == (True, True)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_edge_of_a_button_is_seen(reader: Visit, scheme: str) -> None:
    """What marks a button on the page has a contrast of 3:1 or more."""
    reader.begin(color_scheme=scheme)
    page = reader.go("/?view=cards")
    look = """e => [getComputedStyle(e).borderTopColor, getComputedStyle(document.body).backgroundColor].map(
        c => c.match(/[0-9.]+/g).slice(0, 3).map(Number))"""
    edge, ground = (_luminance(*c) for c in page.locator('.marks button[aria-pressed="false"]').first.evaluate(look))
    assert (max(edge, ground) + 0.05) / (min(edge, ground) + 0.05) >= 3


def _luminance(*colours: float) -> float:
    """As WCAG counts it."""
    parts = [c / 255 / 12.92 if c / 255 <= 0.04045 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in colours]
    return sum(part * weight for part, weight in zip(parts, (0.2126, 0.7152, 0.0722), strict=True))


def test_a_paper_s_own_page_names_its_buttons(reader: Visit) -> None:
    """Where there is room a mark has its name in words."""
    told = reader.go("/paper/demo:0001").locator(".marks button").all_inner_texts()
    assert [text.split(" ", 1)[1] for text in told] == ["More like this", "Less of this", "Save", "Read", "Hide"]


def test_one_style_of_citation_is_seen_at_a_time(reader: Visit) -> None:
    """Without script, too, a paper's page shows the first style, and another one when that is chosen."""
    reader.begin(java_script_enabled=False)
    page = reader.go("/paper/demo:0001")
    seen = page.locator(".citations > div:visible")
    assert [one.inner_text()[:10] for one in seen.all()] == [page.locator("#cite-APA").inner_text()[:10]]
    page.locator("label", has_text="IEEE").click()
    page.locator("#cite-IEEE").wait_for()
    assert seen.count() == 1


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
