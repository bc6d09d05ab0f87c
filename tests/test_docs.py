"""Documentation that cannot rot: what exists is named in it, what it names exists, and generated parts are fresh."""

import importlib.util
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from inspect import signature
from pathlib import Path

import pytest
from typer import Typer

from broadsheet import config
from broadsheet.cli import app_of
from broadsheet.sources import SOURCES
from broadsheet.sources.signals import SIGNAL_SOURCES

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "broadsheet"
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])
VARIABLES = {row.variable for row in config.table()} | {"BROADSHEET_HOME", "BROADSHEET_SHARED"}


def _text(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


@cache
def _commands() -> dict[str, set[str]]:
    """The spellings of options that each command takes, by the command's name, read from the generated page."""
    sections = re.split(r"^### `broadsheet (.+)`$", _text("docs/commands.md"), flags=re.MULTILINE)[1:]
    return {
        name: {"--json", "--home", "--help", *re.findall(r"(?<![\w-])--?[a-z][a-z-]*", "\n".join(_items(body)))}
        for name, body in zip(sections[::2], sections[1::2], strict=True)
    }


def _items(section: str) -> list[str]:
    return re.findall(r"^- `([^`]*)`", section, flags=re.MULTILINE)


def _examples(page: Path) -> list[str]:
    """Every command line of ours that a page shows."""
    text = page.read_text(encoding="utf-8")
    blocks = re.findall(r"^```.*?^```$", text, flags=re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()] + re.findall(r"`([^`\n]+)`", text)
    return [line.partition("  #")[0].strip() for line in lines if re.match(r"broadsheet [a-z]", line)]


@pytest.mark.slow
def test_generated_parts_are_fresh() -> None:
    """`./run docs` would change nothing."""
    if importlib.util.find_spec("broadsheet.cli") is None:
        pytest.skip("there is no command yet")
    done = subprocess.run(
        [sys.executable, ROOT / "docs" / "generate.py", "--check"], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_lead_somewhere(page: Path) -> None:
    """A link to a file of the repository finds it, and one to a place in a page the heading."""
    links = re.findall(r"\]\(([^)#\s]*)(?:#([^)\s]+))?[^)]*\)", page.read_text(encoding="utf-8"))
    own = [(page.parent / path if path else page, place) for path, place in links if "://" not in path]
    assert [path for path, _ in own if not path.exists()] == []
    assert [(path.name, place) for path, place in own if place and place not in _headings(path)] == []


def _headings(page: Path) -> list[str]:
    """Of a page, as links name them."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return [re.sub(r"[^\w -]", "", title).strip().lower().replace(" ", "-") for title in titles]


READERS = ("users", "papers", "searching", "lists", "digests")
"""The pages for those who read, each of which leads to the others."""


@pytest.mark.parametrize("name", READERS)
def test_pages_for_readers_begin_shortly_and_lead_to_each_other(name: str) -> None:
    """Each has a short start, is no longer than can be read at once, and has the others at its head."""
    text = _text(f"docs/{name}.md")
    assert re.search(r"^## In (?:a minute|three minutes)$", text, flags=re.MULTILINE)
    assert len(text.splitlines()) <= 180
    head = text.partition("\n## ")[0]
    assert [other for other in READERS if other != name and f"({other}.md)" not in head] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_examples_are_commands_that_exist(page: Path) -> None:
    """Each command line that a page shows has a command and options that there are."""
    wrong = []
    for line in _examples(page):
        name = next(
            (n for n in sorted(_commands(), key=len, reverse=True) if f"{line} ".startswith(f"broadsheet {n} ")), ""
        )
        groups = {n.partition(" ")[0] for n in _commands() if " " in n}
        if not name and line.removeprefix("broadsheet ") not in groups:
            wrong.append(line)
        unquoted = re.sub(r"'[^']*'|\"[^\"]*\"", "", line)
        wrong += [line for o in re.findall(r"(?<=\s)--?[a-z][a-z-]*", unquoted) if name and o not in _commands()[name]]
    assert wrong == []


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_variables_are_settings_that_exist(page: Path) -> None:
    """An environment variable that a page names is one that is read."""
    assert set(re.findall(r"BROADSHEET_[A-Z_]+[A-Z]", page.read_text(encoding="utf-8"))) <= VARIABLES


def test_every_setting_is_documented() -> None:
    """The settings page has each setting with its variable."""
    page = _text("docs/settings.md")
    assert [r.path for r in config.table() if f"`{r.path}`" not in page or f"`{r.variable}`" not in page] == []


def test_every_source_is_documented() -> None:
    """The page on papers names each source as `broadsheet pull` knows it."""
    names = [*SOURCES, *SIGNAL_SOURCES]
    assert [name for name in names if f"`{name}`" not in _text("docs/papers.md")] == []


def test_every_file_format_is_documented() -> None:
    """The page on papers names each format as `broadsheet import --format` knows it."""
    formats = pytest.importorskip("broadsheet.sources.formats")
    assert [name for name in formats.FORMATS if f"`{name}`" not in _text("docs/papers.md")] == []


def test_the_query_language_is_documented_as_it_is() -> None:
    """Each query that the page on searching shows is valid syntax, and each `has:` is named."""
    query = pytest.importorskip("broadsheet.search.query")
    section = _text("docs/searching.md").partition("| query | finds |")[2].partition("\n\n")[0]
    shown = [text for row in section.splitlines()[2:] for text in re.findall(r"`([^`]+)`", row.split(" | ")[0])]
    assert len(shown) > 15
    assert {text: notes for text in shown if (notes := query.parse(text).notes)} == {}
    assert [name for name in query.HAS if f"`{name}`" not in section] == []


def test_every_room_is_on_the_plan() -> None:
    """docs/ARCHITECTURE.md has each module or package at the top of the source."""
    rooms = {path.stem for path in (ROOT / "src" / "broadsheet").iterdir() if not path.name.startswith(("_", "py."))}
    plan = _text("docs/ARCHITECTURE.md")
    assert [room for room in sorted(rooms) if f"`{room}`" not in plan and f"`{room}/`" not in plan] == []


def _is_in_the_source(span: str) -> bool:
    """Whether this is a module, a package, or a name in one."""
    path = SOURCE.joinpath(*re.split(r"[./]", span.removesuffix(".py")))
    if path.is_dir() or path.with_suffix(".py").is_file():
        return True
    holder = next((at for at in (path.parent.with_suffix(".py"), path.parent / "__init__.py") if at.is_file()), None)
    return holder is not None and re.search(rf"\b{path.name}\b", holder.read_text(encoding="utf-8")) is not None


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_modules_that_a_page_names_are_there(page: Path) -> None:
    """`library.mails.post`, `web/api.py` or `words.failure.told` is a module of the source, or a name in one."""
    rooms = {path.stem for path in SOURCE.iterdir() if path.is_dir()}
    spans = set(re.findall(r"`((?:\w+[./])+\w+)`", page.read_text(encoding="utf-8")))
    spans -= {row.path for row in config.table()}
    named = [
        span for span in spans if re.split(r"[./]", span)[0] in rooms and not span.endswith((".db", ".toml", ".po"))
    ]
    assert [span for span in named if not _is_in_the_source(span)] == []


@pytest.mark.parametrize("job", ["setup", "up", "test", "check", "bench", "docs"])
def test_every_job_of_the_script_is_helped(job: str) -> None:
    """`./run` alone prints a sentence for each job."""
    done = subprocess.run([ROOT / "run"], capture_output=True, text=True, timeout=20, check=True)
    assert re.search(rf"^  {job} +\w", done.stdout, flags=re.MULTILINE)


def test_every_command_that_answers_can_answer_programs() -> None:
    """But for what serves, takes a secret or is a file itself, each command has `--json`."""
    assert {name for name, callback in _callbacks(app_of(), "") if "as_json" not in signature(callback).parameters} == {
        "serve",
        "reader password",
        "interest export",
    }


def _callbacks(of: Typer, path: str) -> Iterator[tuple[str, Callable[..., None]]]:
    for command in of.registered_commands:
        assert command.callback
        yield path + (command.name or command.callback.__name__.strip("_")), command.callback
    for group in of.registered_groups:
        assert group.typer_instance
        yield from _callbacks(group.typer_instance, f"{path}{group.name} ")
