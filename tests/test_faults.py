"""What faults get: a sentence, a state in `status`, and a library that is whole and goes on."""

import contextlib
import os
import resource
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from broadsheet import config
from broadsheet.library.find import SearchAsk, search
from broadsheet.library.handle import Library
from tests.processes import Commands, Ended, Running, until
from tests.replay import Replay
from tests.shell import write_listing

pytestmark = pytest.mark.slow

PASSING = ("429", "503", "500", "reset", "truncate")  # asked again at once
LASTING = ("html", "empty", "garbage")  # the next run asks again
SOURCE_OF = {"/atom": "arxiv", "/oai": "arxiv-oai", "/api/daily_papers": "huggingface"}


def is_one_sentence(ended: Ended, code: int = 1) -> bool:
    """Whether a command failed with one line and nothing else."""
    return (ended.code, ended.out, ended.err.count("\n"), ended.err[:12]) == (code, "", 1, "broadsheet: ")


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    """A file of fifty papers."""
    rows = [{"id": f"2511.{n:05d}", "title": f"On bees and {n}", "abstract": f"Abstract {n}"} for n in range(1, 51)]
    return write_listing(tmp_path / "papers.jsonl", rows)


@pytest.fixture
def stocked(commands: Commands, papers: Path) -> Commands:
    """Commands on a library of fifty papers."""
    assert commands("import", papers).code == 0
    return commands


@pytest.fixture
def online(commands: Commands, small_replay: Replay) -> Commands:
    """Commands that ask the local arXiv and Hugging Face."""
    commands.environ.update(small_replay.environ)
    return commands


@pytest.fixture
def importing(commands: Commands, papers: Path, tmp_path: Path) -> Iterator[Running]:
    """An import that holds the library, waiting for the rest of its file."""
    os.mkfifo(tmp_path / "pipe")
    running = commands.start("import", tmp_path / "pipe")
    with (tmp_path / "pipe").open("wb") as pipe:
        pipe.write(papers.read_bytes())
        pipe.flush()
        until((commands.home / "writer.pid").exists)
        yield running


# --- sources ---------------------------------------------------------------------------------------------------------


_FAST = (("503", "/oai"), ("html", "/api/daily_papers"))
_FAULTS = [
    pytest.param(kind, path, marks=() if (kind, path) in _FAST else pytest.mark.slow)
    for kind in (*PASSING, *LASTING)
    for path in SOURCE_OF
]


@pytest.mark.parametrize(("kind", "path"), _FAULTS)
def test_a_fault_of_a_source(online: Commands, small_replay: Replay, path: str, kind: str) -> None:
    """A source that fails for good has a state and a sentence, the others are whole; healed, the next pull has all."""
    small_replay.fault(path, kind, times=99)
    told = online("pull", "--json")
    states = {run["source"]: run["state"] for run in told.json["runs"]}
    assert (told.code, told.err) == (1, "")
    assert states == {name: "failed" if name == SOURCE_OF[path] else "ok" for name in SOURCE_OF.values()}
    problems = online("status", "--check", "--json").json["problems"]
    assert len(problems) == 1
    assert problems[0].startswith(f"{SOURCE_OF[path]}: ")
    assert "try again later" in problems[0]

    small_replay.heal()
    assert {run["source"]: run["state"] for run in online("pull", "--json").json["runs"]} == {SOURCE_OF[path]: "ok"}
    assert online("status", "--check", "--json").json["problems"] == []
    assert online("status", "--json").json["papers"] == 30


@pytest.mark.parametrize("path", ["/oai", *(pytest.param(p, marks=pytest.mark.slow) for p in SOURCE_OF if p != "/oai")])
def test_a_fault_that_passes_is_not_noticed(online: Commands, small_replay: Replay, path: str) -> None:
    """What goes away when asked again costs a request and leaves an ordinary run."""
    for kind in PASSING[:3]:
        small_replay.fault(path, kind)

    told = online("pull", "--json")

    assert {run["state"] for run in told.json["runs"]} == {"ok"}
    assert sum(len(run["asked"]) for run in told.json["runs"]) == 17 + 3


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["badtoken", *LASTING, *PASSING])
@pytest.mark.parametrize("page", [2, 3, 5])
def test_a_walk_cut_short_goes_on(online: Commands, small_replay: Replay, kind: str, page: int) -> None:
    """A back-fill that breaks at its nth answer keeps what came, and the next pull ends it."""
    log = small_replay.world.log

    class Breaking(list[object]):
        def append(self, entry: object) -> None:
            super().append(entry)
            if sum(e["path"] == "/oai" for e in self) == page:  # type: ignore[index]
                small_replay.fault("/oai", kind, times=99)

    small_replay.world.log = Breaking(log)
    first = online("pull", "--json")
    assert first.err == ""
    problems = online("status", "--check", "--json").json["problems"]
    assert len(problems) == (first.code == 1)
    small_replay.world.log = []
    small_replay.heal()

    online("pull", "--all", "--json")

    told = online("status", "--check", "--json").json
    assert (told["problems"], told["papers"]) == ([], 30)


def test_a_source_that_asks_for_an_hour(online: Commands, small_replay: Replay) -> None:
    """A long Retry-After is not slept through: the run ends and says when to come back."""
    small_replay.fault("/api/daily_papers", "429", times=99, retry_after="3600")

    told = online("pull", "--json")

    note = next(run["note"] for run in told.json["runs"] if run["source"] == "huggingface")
    assert "come back after" in note
    assert sum(e["path"] == "/api/daily_papers" for e in small_replay.log) == 1


# --- stopped by a person ---------------------------------------------------------------------------------------------


def test_ctrl_c_in_an_import(commands: Commands, importing: Running) -> None:
    """Ctrl-C ends an import with exit code 130 and one sentence; `status` tells that it was stopped."""
    importing.send(signal.SIGINT)

    assert is_one_sentence(importing.wait(), 130)
    told = commands("status", "--check", "--json").json
    assert [(run["source"], run["state"]) for run in told["runs"]] == [("import", "interrupted")]
    assert told["problems"] == ["import: interrupted: stopped"]


def test_ctrl_c_in_a_pull(online: Commands, small_replay: Replay) -> None:
    """Ctrl-C ends a pull even while a server does not answer; the next pull goes on."""
    small_replay.fault("/", "slow", times=2)
    pulling = online.start("pull")
    until(lambda: len(small_replay.log) == 2)
    pulling.send(signal.SIGINT)

    assert is_one_sentence(pulling.wait(patience=4.5), 130)
    assert all(": interrupted: " in p for p in online("status", "--check", "--json").json["problems"])
    small_replay.heal()
    assert online("pull", "--json").code == 0
    assert online("status", "--check", "--json").json["problems"] == []


@pytest.mark.parametrize("number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)])
def test_up_is_stopped(stocked: Commands, tmp_path: Path, number: signal.Signals) -> None:
    """`serve` says where it is once it serves, and how its owner signs in; it ends with a sentence."""
    serving = stocked.start("serve", "--port", 0)
    until(lambda: (tmp_path / "stderr").exists() and "reader link" in (tmp_path / "stderr").read_text())
    serving.send(number)

    ended = serving.wait()

    assert ended.code == (130 if number == signal.SIGINT else -number)
    where, owner, *ending = ended.err.splitlines()
    assert "http://127.0.0.1" in where
    assert "owner" in owner
    assert len(ending) == (number == signal.SIGINT)


# --- two at once -----------------------------------------------------------------------------------------------------


def test_a_second_writer_is_told_who_writes(shell: Callable[..., Ended], importing: Running, papers: Path) -> None:
    """While one process writes, another that would is told so in one sentence, at once."""
    writing = f"broadsheet import (process {importing.pid}) is writing"
    for args in (("import", papers), ("pull",), ("reindex",), ("up", "--once"), ("restore", "x"), ("merge", "a", "b")):
        told = shell(*args)
        assert is_one_sentence(Ended(told.code, told.out, told.err)), args
        assert writing in told.err
    importing.kill()


def test_readers_go_on_while_one_writes(stocked: Commands, shell: Callable[..., Ended], tmp_path: Path) -> None:
    """Search, edition, export, backup and status answer while another process imports, and status shows it at work."""
    os.mkfifo(tmp_path / "pipe")
    running = stocked.start("import", tmp_path / "pipe")
    until((stocked.home / "writer.pid").exists)
    try:
        for args in (("search", "bees"), ("edition",), ("export", tmp_path / "a.bib"), ("backup", tmp_path / "b.db")):
            assert shell(*args).code == 0
        until(lambda: shell("status", "--json").json["runs"][0]["state"] == "running")
        assert shell("status", "--json").json["problems"] == []
    finally:
        running.kill()
    assert shell("status", "--json").json["runs"][0]["state"] == "interrupted"


# --- disks -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of two megabytes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)]
    if os.geteuid() or not shutil.which("mount") or subprocess.run(mounting, capture_output=True).returncode:
        pytest.skip("only root can make a small disk")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


def _many(tmp_path: Path) -> Path:
    rows = [{"id": f"2512.{n:05d}", "title": f"On tides and {n}", "abstract": f"ebb{n} " * 1000} for n in range(1, 301)]
    return write_listing(tmp_path / "many.jsonl", rows)


def test_the_disk_is_full_in_an_import(commands: Commands, papers: Path, small_disk: Path, tmp_path: Path) -> None:
    """An import that the disk cannot hold says so; what was there is whole, and with room the import goes on."""
    home = small_disk / "home"
    assert commands("import", papers, home=home).code == 0

    told = commands("import", _many(tmp_path), home=home)

    assert is_one_sentence(told)
    assert "the disk is full" in told.err
    status = commands("status", "--check", "--json", home=home).json
    assert (status["papers"], len(status["problems"])) == (50, 1)
    assert status["problems"][0].startswith("import: interrupted: ")
    assert commands("search", "bees", home=home).code == 0
    subprocess.run(["mount", "-o", "remount,size=40m", str(small_disk)], check=True)
    assert commands("import", tmp_path / "many.jsonl", "--json", home=home).json["new"] == 300
    assert commands("status", "--check", "--json", home=home).json["problems"] == []


def test_no_byte_is_free(stocked: Commands, small_disk: Path, papers: Path) -> None:
    """On a disk with no byte left every command that cannot do its work says so in one sentence and leaves no piece."""
    home = small_disk / "home"
    shutil.copytree(stocked.home, home)
    _fill(small_disk / "ballast")

    for args in (
        ("import", papers), ("pull", "huggingface"), ("reindex",), ("up", "--demo", "--once"), ("search", "bees"),
        ("status",), ("backup", small_disk / "b.db"), ("export", small_disk / "b.jsonl"),
    ):  # fmt: skip
        assert is_one_sentence(stocked(*args, home=home)), args
    assert {p.name for p in small_disk.iterdir()} == {"home", "ballast"}
    (small_disk / "ballast").unlink()
    assert stocked("status", "--check", "--json", home=home).json["problems"] == []


def _fill(ballast: Path) -> None:
    handle = os.open(ballast, os.O_WRONLY | os.O_CREAT)
    with contextlib.suppress(OSError):
        while os.write(handle, bytes(4096)):
            pass
    os.close(handle)


def test_a_file_may_not_grow(stocked: Commands, tmp_path: Path) -> None:
    """A quota is told like a full disk, by a process started as a person does; without it the next import ends."""
    command = [sys.executable, "-m", "broadsheet", "import", str(_many(tmp_path)), "--home", str(stocked.home)]
    limits = (1_000_000, resource.RLIM_INFINITY)

    told = subprocess.run(
        command, capture_output=True, text=True, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    )

    assert is_one_sentence(Ended(told.returncode, told.stdout, told.stderr))
    assert "the disk" in told.stderr
    assert stocked("import", tmp_path / "many.jsonl", "--json").json["new"] == 300
    assert stocked("status", "--check", "--json").json["problems"] == []


def test_stdout_is_full(stocked: Commands) -> None:
    """Output that cannot be written is one sentence."""
    if not Path("/dev/full").is_char_device():
        pytest.skip("there is no /dev/full")
    told = stocked("export", "/dev/full", "--format", "ris")

    assert is_one_sentence(told)
    assert Path("/dev/full").is_char_device()
    assert "No space left" in told.err


def test_a_read_only_home(stocked: Commands, small_disk: Path, papers: Path) -> None:
    """On a disk that cannot be written what only reads works, and what has to write says so in one sentence."""
    home = small_disk / "home"
    shutil.copytree(stocked.home, home)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)

    for mode in ("hybrid", "keyword", "semantic"):
        assert stocked("search", "bees", "--mode", mode, "--json", home=home).json["hits"], mode
    key = stocked("search", "bees", "--json", home=home).json["hits"][0]["key"]
    copy = stocked.home.parent / "copy.db"
    reading: list[tuple[object, ...]] = [("status",), ("edition",), ("show", key), ("export", "-"), ("backup", copy)]
    writing: list[tuple[object, ...]] = [
        ("import", papers), ("pull",), ("up", "--once"), ("reindex",), ("backup", small_disk / "b.db"),
        ("restore", copy), ("split", key, key), ("mark", "ada", key, "save"),
    ]  # fmt: skip
    for args in reading:
        assert stocked(*args, home=home).code == 0, args
    for args in writing:
        told = stocked(*args, home=home)
        assert is_one_sentence(told), args
        assert "written" in told.err, args


def test_a_read_only_home_with_a_log(stocked: Commands, small_disk: Path) -> None:
    """Changes that a crash left in the log are read where SQLite can, else told with the way out; never left out."""
    home = small_disk / "home"
    shutil.copytree(stocked.home, home)
    with closing(sqlite3.connect(home / "library.db")) as crashed:
        crashed.execute("UPDATE paper SET doc = replace(doc, 'bees', 'wasps')")
        crashed.commit()
        for side in home.glob("library.db-*"):
            shutil.copy(side, side.with_name(f"kept{side.name.removeprefix('library.db')}"))
    for side in home.glob("kept-*"):
        side.rename(side.with_name(f"library.db{side.name.removeprefix('kept')}"))
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    whole = stocked("export", "-", home=home)
    subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)
    (home / "library.db-shm").unlink()
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    told = [stocked(*args, home=home) for args in (("export", "-"), ("search", "bees"), ("status",))]

    assert "wasps" in whole.out
    for ended in told:
        assert is_one_sentence(ended)
        assert "its last changes are not folded into it yet" in ended.err


# --- what was damaged ------------------------------------------------------------------------------------------------


def test_the_home_is_a_file(commands: Commands, papers: Path) -> None:
    """A home that is no folder is named."""
    for args in (("status",), ("search", "bees"), ("import", papers), ("up", "--once")):
        told = commands(*args, home=papers)
        assert is_one_sentence(told, 2)
        assert "is no folder" in told.err


@pytest.mark.parametrize(
    "how", ["half", *(pytest.param(how, marks=pytest.mark.slow) for how in ("other", "zeros", "holes"))]
)
def test_a_damaged_library(stocked: Commands, papers: Path, tmp_path: Path, how: str) -> None:
    """A damaged database is told with the way out, and `restore` is that way."""
    stocked("backup", tmp_path / "b.db")
    file = stocked.home / "library.db"
    whole = file.read_bytes()
    holes = b"".join(whole[at : at + 2048] + b"\x55" * 2048 for at in range(0, len(whole), 4096))
    file.write_bytes({"other": b"hello " * 9999, "zeros": bytes(len(whole)), "half": whole[: len(whole) // 8192 * 4096],
                      "holes": whole[:4096] + holes[4096:]}[how])  # fmt: skip
    for side in stocked.home.glob("library.db-*"):
        side.unlink()

    for args in (("status",), ("search", "bees"), ("edition",), ("import", papers)):
        told = stocked(*args)
        assert is_one_sentence(told), (args, told)
        assert "broadsheet restore" in told.err
    assert stocked("restore", tmp_path / "b.db").code == 0
    assert stocked("status", "--check", "--json").json["problems"] == []
    assert stocked("search", "bees", "--json").json["total"] == 50


@pytest.mark.parametrize("folder", ["index", pytest.param("vectors", marks=pytest.mark.slow)])
@pytest.mark.parametrize("mend", ["reindex", pytest.param("import", marks=pytest.mark.slow)])
def test_deleted_indexes(commands: Commands, papers: Path, folder: str, mend: str) -> None:
    """Without its indexes a library says so, `status` names the way out, and the next reindex or import mends it."""
    commands.environ["BROADSHEET_ENCODER"] = "wordllama"
    assert commands("import", papers).code == 0
    shutil.rmtree(commands.home / folder)

    found = commands("search", "bees")
    assert found.code == 0
    assert "reindex" in found.err
    assert any("broadsheet reindex" in p for p in commands("status", "--json").json["problems"])

    assert commands(mend, *([papers] if mend == "import" else [])).code == 0
    assert commands("status", "--check", "--json").json["problems"] == []
    assert commands("search", "bees", "--mode", "semantic", "--json").json["mode"] == "semantic"


@pytest.mark.slow
@pytest.mark.parametrize("how", ["gone", "empty", "half", "noise"])
def test_any_damaged_file_of_an_index(commands: Commands, papers: Path, tmp_path: Path, how: str) -> None:
    """Whatever file of an index is damaged, search answers or says so, and an import or a reindex mends it."""
    commands.environ["BROADSHEET_ENCODER"] = "wordllama"
    assert commands("import", papers).code == 0
    for file in sorted(
        f.relative_to(commands.home) for d in ("index", "vectors") for f in commands.home.glob(f"{d}/*/**/*")
    ):
        home = tmp_path / "damaged"
        shutil.copytree(commands.home, home)
        _damage(home / file, how)
        for mode in ("keyword", "semantic"):
            told = commands("search", "bees", "--mode", mode, home=home)
            assert told.code == 0 or told.err.endswith("run `broadsheet reindex`\n"), (file, told)
        told = commands("import", papers, home=home)
        assert (told.code, "Traceback" in told.err) == (0, False), (file, told)
        if commands("search", "bees", home=home).code:  # an import that had nothing to write may not have looked at it
            assert commands("reindex", home=home).code == 0, file
        assert commands("search", "bees", "--json", home=home).json["total"] == 50, file
        shutil.rmtree(home)


def _damage(file: Path, how: str) -> None:
    if file.is_dir():
        shutil.rmtree(file)
    elif how == "gone":
        file.unlink()
    else:
        whole = file.read_bytes()
        file.write_bytes({"empty": b"", "half": whole[: len(whole) // 2], "noise": os.urandom(len(whole))}[how])


# --- settings, files, addresses --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"[arxiv\n", "cannot be read"),
        (b"\xff\xfe", "cannot be read"),
        (b"colour = 3\n", "setting colour: unknown"),
        (b"[net]\nretries = 'x'\n", "is not a whole number"),
        (b"[net]\nretries = -1\n", "is below 0"),
        (b"arxiv = 3\n", "setting arxiv: unknown"),
    ],
)
def test_broken_settings(shell: Callable[..., Ended], tmp_path: Path, text: bytes, told: str) -> None:
    """A setting that cannot be is named with its file; wrong use, exit code 2."""
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "config.toml").write_bytes(text)

    outcome = shell("status")

    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1)
    assert told in outcome.err


def test_files_that_cannot_be_used(stocked: Commands, tmp_path: Path) -> None:
    """A target that cannot be written, or a copy that is none, is one sentence, and nothing is left beside it."""
    (tmp_path / "folder.bib").mkdir()
    os.mkfifo(tmp_path / "pipe")
    before = {p.name for p in tmp_path.iterdir()}

    for command, name in (
        ("export", "no/x.jsonl"), ("export", "folder.bib"), ("backup", "no/x.db"), ("backup", "folder.bib"),
        ("backup", "pipe"), ("restore", "missing.db"), ("restore", "papers.jsonl"),
    ):  # fmt: skip
        told = stocked(command, tmp_path / name)
        assert is_one_sentence(told), (command, name)
        assert name in told.err
    assert {p.name for p in tmp_path.iterdir()} == before


def test_a_port_in_use(stocked: Commands) -> None:
    """A port that another program has is told with the way out."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        told = stocked("serve", "--port", taken.getsockname()[1])

    assert is_one_sentence(told)
    assert "another program uses it" in told.err
    assert "--port" in told.err


def test_import_from_stdin(commands: Commands, papers: Path) -> None:
    """`import -` reads stdin; an empty one is a sentence."""
    assert commands("import", "-", "--json", stdin=str(papers)).json["new"] == 50

    told = commands("import", "-", "--json")

    assert (told.code, told.err.count("\n")) == (1, 1)
    assert "empty" in told.err


def test_ten_bad_records_in_a_large_file(commands: Commands, tmp_path: Path) -> None:
    """Bad lines among good ones are listed each with its place, in the answer and in `status`; the good ones are in."""
    rows = [{"id": f"2511.{n:05d}", "title": f"On bees and {n}", "abstract": f"Abstract {n}"} for n in range(1, 301)]
    lines = write_listing(tmp_path / "papers.jsonl", rows).read_text().splitlines()
    bad = ["{", "[]", "null", '{"id": 5}', "\x00", '{"id": "x"}', "no json", "\ufeff{", '"text"', '{"title": "t"}']
    for n, line in enumerate(bad):
        lines.insert(30 * n + 7, line)
    (tmp_path / "papers.jsonl").write_text("\n".join(lines), encoding="utf-8")

    told = commands("import", tmp_path / "papers.jsonl", "--json").json

    assert (told["new"], told["dropped_total"]) == (300, 10)
    assert [drop["at"] for drop in told["dropped"]] == [f"line {30 * n + 8}" for n in range(10)]
    run = commands("status", "--json").json["runs"][0]
    assert (run["source"], run["state"], run["dropped_total"], len(run["dropped"])) == ("import", "ok", 10, 10)


# --- whatever a reader types -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """An open library of invented papers, found by words and by meaning."""
    from broadsheet.library.harvest import demo

    home = tmp_path_factory.mktemp("fuzz") / "home"
    with Library(config.load({"BROADSHEET_ENCODER": "wordllama"}, home=home)) as lib:
        demo.load(lib)
        yield lib


SYNTAX = st.sampled_from(
    ['"', "(", ")", "-", "OR", "AND", "NOT", "*", ":", "title:", "author:", "cat:", "since:", "until:2025-13", "year:",
     "year:99999", "has:code", "id:", "id:arxiv:2511.00001", "source:", "venue:\"", "prefix*", "*x", "since:0000-00-00",
     "\\", "/", "^2", "~1", "[a TO b]", "{", "\x00", "\ud800", "é", "\u202e", "𝔘", "--", "+", "&&", "||", "a" * 300]
)  # fmt: skip
QUERIES = st.one_of(st.text(max_size=60), st.lists(st.one_of(SYNTAX, st.text(max_size=8)), max_size=12).map(" ".join))
FUZZ = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@FUZZ
@given(
    text=QUERIES,
    mode=st.sampled_from(["hybrid", "keyword", "semantic", "other"]),
    offset=st.integers(-1, 2000),
    after=st.one_of(st.none(), st.text(max_size=30)),
    sort=st.sampled_from(["relevance", "new", "odd"]),
)
def test_no_text_breaks_search(
    library: Library, text: str, mode: str, offset: int, after: str | None, sort: str
) -> None:
    """Any text, mode, page and order is answered; nothing raises."""
    found = search(library, SearchAsk(text, mode, 5, offset, after, sort, facets=True))

    assert found.total >= len(found.hits)


@FUZZ
@given(
    text=QUERIES, mode=st.text(max_size=5), page=st.integers(-1, 20_000), place=st.sampled_from(["search", "paper", ""])
)
def test_no_address_breaks_the_page(library: Library, text: str, mode: str, page: int, place: str) -> None:
    """Any address is a page: found, not found or refused, never broken."""
    testclient = pytest.importorskip("starlette.testclient", reason="the web's test client needs httpx")
    from urllib.parse import quote

    from broadsheet.web.app import create_app

    client = testclient.TestClient(create_app(library), raise_server_exceptions=True)
    path = f"/{place}/{quote(text, errors='replace')}" if place != "search" else "/search"
    query = {"q": text.encode("utf-8", "replace"), "mode": mode.encode("utf-8", "replace"), "page": page}

    assert client.get(path, params=query).status_code in (200, 307, 400, 404, 405, 422)
