"""The commands that take papers in, find them and keep them, on invented papers."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from rich.text import Text
from typer.main import get_command

from broadsheet.cli import app_of, output
from broadsheet.errors import FormatError
from broadsheet.sources.formats import read
from broadsheet.types import Drop
from tests.libraries import NOW
from tests.shell import Outcome, Shell, write_listing
from tests.stocked import BEES, TIDES


def test_the_list_of_commands_is_whole(shell: Shell) -> None:
    """`--help` builds no commands of groups, and lists what the bare name does, which builds them all."""
    asked = shell("--help")
    assert asked.code == 0
    assert "collection" in asked.out
    assert asked.out.strip() == shell().err.strip()


@pytest.mark.slow
def test_a_name_that_no_file_can_have_leaves_the_others(shell: Shell, tmp_path: Path) -> None:
    """One that is too long for a file is told like any that cannot be opened, and the rest comes in."""
    outcome = shell("import", "a" * 300, write_listing(tmp_path / "papers.jsonl", [BEES]))
    assert outcome.code == 1
    assert outcome.out.startswith("import: 1 new")
    assert "it cannot be opened" in outcome.err


def test_import_counts_what_it_took_and_names_what_it_dropped(shell: Shell, tmp_path: Path) -> None:
    """A broken line among good ones is dropped with its place and reason; the rest comes in."""
    path = write_listing(tmp_path / "papers.jsonl", [BEES, TIDES])
    path.write_text(path.read_text() + '{"id": "2511.00003"}\nnot json\n')

    answer = shell.json("import", path)

    assert (answer["new"], answer["changed"], answer["same"], answer["merged"]) == (2, 0, 0, 0)
    assert [drop["at"] for drop in answer["dropped"]] == ["line 3", "line 4"]
    assert answer["dropped_total"] == 2


@pytest.mark.slow
def test_the_same_file_again_changes_nothing(stocked: Shell, tmp_path: Path) -> None:
    """Papers that come a second time are the same; a relisting on another day is no new paper and no news there."""
    again = stocked.json("import", write_listing(tmp_path / "again.jsonl", [BEES, {**TIDES, "day": "2025-11-21"}]))

    assert (again["new"], again["changed"], again["same"]) == (0, 0, 2)
    assert stocked.json("status")["papers"] == 2
    assert stocked.json("edition", "2025-11-21")["total"] == 0
    days = [a["day"] for a in stocked.json("show", "2511.00002")["announcements"]]
    assert days == ["2025-11-19", "2025-11-21"]


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["keyword", "hybrid", "semantic"])
def test_search_finds_in_every_mode(stocked: Shell, mode: str) -> None:
    """Words, meaning and both find the paper that the query is about, first."""
    answer = stocked.json("search", "bumblebees", "counted", "by", "microphones", "--mode", mode)

    assert answer["mode"] == mode
    assert answer["hits"][0]["key"] == "arxiv:2511.00001"
    assert answer["hits"][0]["why"]


def test_a_search_for_a_number_of_hits(stocked: Shell) -> None:
    """`-n` says how many, as with other lists, and a word with a minus before it must still not be there."""
    assert len(stocked.json("search", "-nowhere", "since:2000", "-n", "1")["hits"]) == 1
    assert len(stocked.json("search", "-nowhere", "since:2000", "-n1")["hits"]) == 1
    assert stocked.json("search", "-nowhere", "-n", "1", "since:2000")["parsed"] == "-nowhere since:2000-01-01"


@pytest.mark.parametrize("query", ["-n-3", "-n3", "-n", "-x", "--json"])
def test_behind_two_dashes_there_are_only_words(stocked: Shell, query: str) -> None:
    """What would be a number of hits, or no option, is part of the query there; before them it is what it was."""
    assert stocked("search", "-n", "1", "bees", "--json", "--", query).json["query"] == f"bees {query}"


def test_search_narrows_by_field_and_time(stocked: Shell) -> None:
    """Authors are found without their accents, categories with their archive, days by their range."""
    keys = [
        [hit["key"] for hit in stocked.json("search", query)["hits"]]
        for query in ("author:jerome", "cat:q-bio", "since:2025-11-20", "until:2025-11-19", "-bees")
    ]

    assert keys == [
        ["arxiv:2511.00002"],
        ["arxiv:2511.00001"],
        ["arxiv:2511.00001"],
        ["arxiv:2511.00002"],
        ["arxiv:2511.00002"],
    ]


@pytest.mark.parametrize(
    "query", ['"open quote', "((((", "AND OR", "title:", "foo:bar", "\x00", "🦋" * 50, "-", "*", "a:b:c"]
)
def test_no_query_breaks_search(stocked: Shell, query: str) -> None:
    """Text that is no syntax is searched as words; nothing a reader types fails."""
    assert stocked("search", "--json", "--", query).code == 0


def test_edition_lists_the_newest_day_and_says_why_a_day_is_empty(stocked: Shell) -> None:
    """Without a name the newest edition is listed; a Sunday without papers is told from a failure."""
    newest = stocked.json("edition")
    week = stocked.json("edition", "2025-W47", "--sort", "new")

    assert (newest["edition"], newest["state"], newest["total"]) == ("2025-11-20", "ok", 1)
    assert [p["key"] for p in week["papers"]] == ["arxiv:2511.00001", "arxiv:2511.00002"]
    assert stocked.json("edition", "2025-11-16")["state"] in ("holiday", "never")


def test_a_category_that_an_edition_lacks_is_told(stocked: Shell) -> None:
    """Where the filter leaves nothing, the edition says so and names what it has."""
    asked = stocked.json("edition", "2025-W47", "--category", "hep-th", "-c", "math")

    assert asked["total"] == 0
    assert asked["note"] == ("None of its 2 papers is in hep-th / math; most are in cs.SD, physics.ao-ph, q-bio.QM.")
    assert stocked.json("edition", "2025-W47", "--category", "cs")["note"] is None


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("edition", "2025-02-30"), "2025-02-30"),
        (
            ("search", "--mode", "psychic", "x"),
            "search: --mode 'psychic' is not one of 'hybrid', 'keyword', 'semantic'",
        ),
        (("search", "--limit", "0", "x"), "search: --limit 0 is not from 1 to 1000"),
        (("search",), "search: QUERY is missing; `broadsheet search --help` shows"),
        (("collection", "add", "ada"), "collection add: NAME is missing"),
        (("search", "x", "-n"), "search: option --limit requires an argument"),
        (("search", "x", "-n", "3", "-n", "0"), "search: --limit 0 is not from 1 to 1000"),
        (("search", "x", "-n", "many"), "search: --limit 'many' is no whole number"),
        (("search", "x", "-n-3"), "search: --limit -3 is not from 1 to 1000"),
        (("reader", "token", "me", "x", "--days", "3000000"), "reader token: --days 3000000 is not from 1 to 36500"),
        (("eval", "recs", "--own", "--days", "9999999"), "eval recs: --days 9999999 is not from 1 to 36500"),
        (
            ("interest", "edit", "me", "x", "--most", "9" * 20),
            f"interest edit: --most {'9' * 20} is not from 1 to 1000",
        ),
        (("interest", "edit", "me", "x", "--position", "0"), "interest edit: --position 0 is not from 1 to 1000"),
        (("recommend", "me", "--explore", "nan"), "recommend: --explore nan is no number"),
        (("recommend", "me", "--diversity", "nan"), "recommend: --diversity nan is no number"),
        (("edition", "--limit", "x"), "edition: --limit / -n 'x' is no whole number"),
        (("edition", "--limit", "-1"), "edition: --limit / -n -1 is less than 0"),
        (("edition", "--nope"), "edition: no such option: --nope (did you mean --home?)"),
        (("show", "--home"), "show: option --home requires an argument; `broadsheet show --help` shows"),
        (
            ("interest", "add", "--share"),
            "interest add: option --share requires an argument; `broadsheet interest add -",
        ),
        (("show", "a", "b"), "show: does not take also b"),
        (("model", "frob"), "model: no such command 'frob'"),
        (("serch", "x"), "no such command 'serch' (did you mean 'search', 'serve'?)"),
        (("--nope",), "no such option: --nope"),
        (("--home", "x", "status"), "--home belongs after the command's name"),
        (("reader", "--json", "list"), "reader: --json belongs after the command's name"),
        (("serve", "--json"), "serve: no such option: --json"),
        (("status", "--home", ""), "status: --home has no name"),
    ],
)
def test_wrong_use_is_one_sentence(shell: Shell, args: tuple[str, ...], said: str) -> None:
    """What cannot be asked for ends with exit code 2 and one line: subject, cause and way out."""
    outcome = shell(*args)

    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("broadsheet: ")
    assert outcome.err.count("\n") == 1
    assert said in outcome.err
    assert "; " in outcome.err


def test_all_arguments_have_names_in_capitals() -> None:
    """A line of usage tells what is to be written as it is from what stands for something."""
    waiting, named = [get_command(app_of())], []
    while waiting:
        command = waiting.pop()
        waiting += getattr(command, "commands", {}).values()
        named += [p.metavar or p.name or "" for p in command.params if p.param_type_name == "argument"]
    assert len(named) > 80
    assert [name for name in named if name != name.upper()] == []


def test_a_completion_without_a_line_ends_quietly(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bash tells the line to complete by its own variables; without them there is nothing to say."""
    monkeypatch.setenv("_BROADSHEET_COMPLETE", "complete_bash")
    monkeypatch.delenv("COMP_WORDS", raising=False)
    assert shell() == Outcome(0, "", "")


@pytest.mark.parametrize("args", [(), ("model",), ("eval",)])
def test_a_group_of_commands_lists_them(shell: Shell, args: tuple[str, ...]) -> None:
    """Without a command the list of commands is shown, each with its whole sentence."""
    outcome = shell(*args)

    assert outcome.code == 2
    assert outcome.err.startswith(f"Usage: {' '.join(('broadsheet', *args))} ")
    assert "..." not in outcome.err.partition("Commands:")[2]


@pytest.mark.slow
@pytest.mark.parametrize("args", [("edition", "--json"), ("status",), ("split", "2511.00001"), ("export", "-")])
def test_a_reader_that_has_enough_is_no_failure(stocked: Shell, args: tuple[str, ...]) -> None:
    """Output into a pipe that nobody reads, as after `| head`, ends a command quietly."""
    command = [sys.executable, "-m", "broadsheet", *args, "--home", str(stocked.home)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout
        assert running.stderr
        running.stdout.close()
        said = running.stderr.read()

    assert (running.returncode, said) == (0, b"")


@pytest.mark.parametrize(("columns", "width"), [("60", 60), ("85", 85), ("0", 100), ("x", 100)])
def test_output_in_a_pipe_is_as_wide_as_asked(
    stocked: Shell, monkeypatch: pytest.MonkeyPatch, columns: str, width: int
) -> None:
    """COLUMNS says how wide lists are where no terminal does."""
    monkeypatch.setenv("COLUMNS", columns)

    longest = max(len(line) for line in stocked("edition", "2025-W47").out.splitlines())

    assert width - 15 < longest <= width


@pytest.mark.parametrize(
    "args", [("edition", "2025-W47"), ("search", "bees", "--why", "--facets"), ("show", "2511.00002")]
)
def test_lines_in_a_pipe_are_whole(stocked: Shell, monkeypatch: pytest.MonkeyPatch, args: tuple[str, ...]) -> None:
    """What `grep` reads is not wrapped, has no colours, and says what a terminal of any width would show."""
    monkeypatch.delenv("COLUMNS", raising=False)
    piped = stocked(*args).out
    monkeypatch.setenv("COLUMNS", "60")
    drawn = stocked(*args).out

    assert max(map(len, piped.splitlines())) > 60 >= max(map(len, drawn.splitlines()))
    assert "\x1b" not in piped
    timeless = [re.sub(r"[0-9]+ ms", "", out).split() for out in (piped, drawn)]
    assert timeless[0] == timeless[1]


@pytest.mark.slow
@pytest.mark.parametrize("columns", ["", "80"])
def test_nothing_that_a_terminal_obeys_is_shown(
    stocked: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, columns: str
) -> None:
    """Titles, names and notes from anybody's export cannot clear, colour or rename a terminal, drawn or in a pipe."""
    monkeypatch.setenv("COLUMNS", columns)
    stocked("reader", "add", "ada")
    stocked("mark", "ada", "2511.00001", "note", "bees sing")
    stocked("saved", "add", "ada", "bees sing")
    stocked("export", tmp_path / "all.jsonl", "--personal")
    exported = (tmp_path / "all.jsonl").read_text()
    hostile = re.sub(r"\b([Bb]ees|Mara|Feld|sing)\b", r"\1\\u001b]0;owned\\u0007\\u001b[2J\\u009b5m", exported)
    (tmp_path / "hostile.jsonl").write_text(hostile)
    stocked.home = tmp_path / "other"
    told = stocked("import", tmp_path / "hostile.jsonl")
    assert told.out.startswith("import: 2 new"), told.err

    for command in (
        ("show", "2511.00001"),
        ("edition", "2025-11-20"),
        ("search", "meadow", "--why"),
        ("mark", "ada"),
        ("saved", "list", "ada"),
        ("reader", "show", "ada"),
        ("status",),
    ):
        seen = stocked(*command)
        assert seen.code == 0, (command, seen.err)
        assert seen.out
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", seen.out + seen.err), (command, seen.out)


def test_what_is_drawn_has_its_styles_and_nothing_else_that_a_terminal_obeys(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In lines and tables alike: bold is drawn, a command in a text is not."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    table = output.table("name")
    table.add_row("bees\x1b[2J\x9b5m")
    output.console().print(Text("bees\x1b]0;owned\x07", style="bold"))
    output.console().print(table)
    seen = capsys.readouterr().out

    assert "\x1b[1mbees]0;owned\x1b[0m" in seen
    assert "bees[2J5m" in seen
    assert not re.search(r"\x1b\]|\x1b\[2J|[\x07\x9b]", seen)


def test_a_missing_paper_is_one_sentence(stocked: Shell) -> None:
    """An unknown key fails with exit code 1 and names what was asked for."""
    outcome = stocked("show", "arxiv:9999.99999")

    assert outcome.code == 1
    assert outcome.err.count("\n") == 1
    assert "arxiv:9999.99999" in outcome.err


@pytest.mark.slow
def test_the_status_names_imported_files_without_their_folders(shell: Shell, tmp_path: Path) -> None:
    """Who imports is told the path; the status, which strangers may see, has the name, also of what was left out."""
    folder = tmp_path / "where-it-lay"
    folder.mkdir()
    (folder / "good.jsonl").write_text('{"id": "2511.00001"}\n')
    (folder / "bad.bib").write_text("nothing that is known")
    outcome = shell("import", str(folder / "good.jsonl"), str(folder / "bad.bib"))
    told = shell("status", "--json").out

    assert "where-it-lay/bad.bib" in outcome.err
    assert "good.jsonl, bad.bib" in told
    assert "where-it-lay" not in told


def test_export_and_import_are_a_round_trip(stocked: Shell, shell: Shell, tmp_path: Path) -> None:
    """What is exported comes back equal in an empty library, packed or not."""
    stocked.json("export", tmp_path / "all.jsonl.zst")
    before = stocked.json("show", "arxiv:2511.00002", "--related", 0)
    other = Shell(tmp_path / "other", shell._capsys, shell._monkeypatch)

    answer = other.json("import", tmp_path / "all.jsonl.zst")

    assert answer["new"] == 2
    assert other.json("show", "arxiv:2511.00002", "--related", 0) == before
    assert other.json("import", tmp_path / "all.jsonl.zst")["same"] == 2


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_a_packed_export_knows_of_any_damage(stocked: Shell, tmp_path: Path, suffix: str) -> None:
    """With a bit changed anywhere it is not taken for whole, or it says what it said: some bits mean nothing."""
    export = tmp_path / f"all.jsonl{suffix}"
    stocked.json("export", export)
    whole, right = export.read_bytes(), list(read(export, now=NOW))
    for place in range(len(whole)):
        export.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << place % 8]) + whole[place + 1 :])
        try:
            items = list(read(export, now=NOW))
        except FormatError:
            continue
        assert items == right or any(isinstance(item, Drop) and item.ends for item in items), place


@pytest.mark.slow
@pytest.mark.parametrize("name", ["all.bib", "all.ris", "all.json"])
def test_papers_leave_for_other_programs(stocked: Shell, tmp_path: Path, name: str) -> None:
    """BibTeX, RIS and CSL-JSON are written, and read back as the same papers."""
    assert stocked.json("export", tmp_path / name)["papers"] == 2

    again = stocked.json("import", tmp_path / name)

    assert (again["new"], again["dropped_total"]) == (0, 0)


@pytest.mark.slow
def test_a_backup_restores_what_was(stocked: Shell, tmp_path: Path) -> None:
    """After a restore the library holds what it held at the backup, and finds it."""
    stocked.json("backup", tmp_path / "copy.db")
    stocked.json(
        "import",
        write_listing(tmp_path / "more.jsonl", [{**BEES, "id": "2511.00009", "title": "Moths", "abstract": "x"}]),
    )
    assert stocked.json("status")["papers"] == 3

    answer = stocked.json("restore", tmp_path / "copy.db")

    assert answer["papers"] == 2
    assert stocked.json("search", "bees", "--mode", "keyword")["total"] == 1
    assert stocked.json("search", "moths", "--mode", "keyword")["total"] == 0


@pytest.mark.parametrize("content", [b"", b"no database at all", b"SQLite format 3\x00 torn"])
def test_what_is_no_backup_replaces_nothing(stocked: Shell, tmp_path: Path, content: bytes) -> None:
    """A file that is no library is refused in one sentence and the library stays."""
    (tmp_path / "bad.db").write_bytes(content)

    outcome = stocked("restore", tmp_path / "bad.db")

    assert outcome.code == 1
    assert outcome.err.count("\n") == 1
    assert content[:6] == b"SQLite" or "choose a file that `broadsheet backup` wrote" in outcome.err
    assert stocked.json("status")["papers"] == 2


@pytest.mark.slow
def test_reindex_builds_the_same_answers(stocked: Shell) -> None:
    """Deleted indexes are built anew from the store and find the same."""
    before = stocked.json("search", "tide clock")["hits"]

    answer = stocked.json("reindex")

    assert answer["papers"] == 2
    assert [h["key"] for h in stocked.json("search", "tide clock")["hits"]] == [h["key"] for h in before]


@pytest.mark.slow
def test_a_merge_can_be_undone(stocked: Shell, tmp_path: Path) -> None:
    """Two papers joined by a person are one under both ids, and split again are two that do not join again."""
    merged = stocked.json("merge", "2511.00001", "2511.00002")
    assert stocked.json("status")["papers"] == 1
    assert stocked.json("show", "2511.00002")["key"] == merged["key"]
    assert len(stocked.json("split", merged["key"])["parts"]) == 2

    stocked.json("split", merged["key"], "arxiv:2511.00002")

    assert stocked.json("status")["papers"] == 2
    assert stocked.json("show", "2511.00002")["key"] == "arxiv:2511.00002"
    assert stocked.json("search", "tide")["hits"][0]["key"] == "arxiv:2511.00002"


def test_status_tells_where_settings_come_from(stocked: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each setting has its value and its origin; secrets are not shown."""
    monkeypatch.setenv("BROADSHEET_SMTP__URL", "smtp://me:hunter2@example.org")
    answer = stocked.json("status", "--check")

    assert answer["problems"] == []
    assert answer["settings"]["smtp.url"] == {"value": "(set)", "from": "environment"}
    assert answer["settings"]["arxiv.min_interval"]["from"] == "default"
    assert "hunter2" not in json.dumps(answer)
    assert all(index["behind"] == 0 for index in answer["indexes"])


@pytest.mark.parametrize(
    "args",
    [("search", "bees", "--why", "--facets"), ("show", "2511.00002"), ("edition",), ("status",), ("model", "list")],
)
def test_people_get_text(stocked: Shell, args: tuple[str, ...]) -> None:
    """Without --json every command writes readable text and no JSON."""
    outcome = stocked(*args)

    assert outcome.code == 0
    assert outcome.out.strip()
    assert not outcome.out.startswith("{")


@pytest.mark.slow
def test_the_demo_needs_no_network(shell: Shell) -> None:
    """`up --demo --once` fills an empty library with invented papers that are listed, found and marked as invented."""
    answer = shell.json("up", "--demo", "--once")

    assert answer["new"] > 10
    listed = shell.json("edition")
    assert listed["total"] > 3
    assert all("nvented" in (p["comment"] or "") for p in listed["papers"])


def test_words_that_no_paper_has_are_told_in_every_mode(stocked: Shell) -> None:
    """A misspelt query finds by meaning at most; the answer says so and offers another spelling."""
    answer = stocked.json("search", "meadov")

    assert answer["suggestion"] == "meadow"
    assert "Did you mean: meadow\n" in stocked("search", "meadov").out
    assert not answer["hits"] or any("no paper has these words" in note for note in answer["notes"])


def test_a_choice_of_model_can_be_taken_back(stocked: Shell) -> None:
    """`model use auto` lets Broadsheet choose again."""
    stocked.json("model", "use", "wordllama")

    assert stocked.json("model", "use", "auto")["model"] == "auto"


def test_a_file_with_nothing_of_the_named_format_is_a_failure(stocked: Shell, tmp_path: Path) -> None:
    """An import that was told the wrong format says that it found nothing, also where it dropped each line."""
    (tmp_path / "a.bib").write_text("@article{a, title={A}}")

    for format in ("ris", "arxiv-listing"):
        outcome = stocked("import", tmp_path / "a.bib", "--format", format)

        assert outcome.code == 1
        assert f"has nothing in the format {format}; leave --format out" in outcome.err


@pytest.mark.parametrize("args", [("show", "arxiv:\udcff"), ("import", "\udcff.bib"), ("mark", "me", "\udcff", "up")])
def test_bytes_that_are_no_text_are_refused(shell: Shell, args: tuple[str, ...]) -> None:
    """An argument that is not UTF-8 is wrong use, whatever command it is for."""
    told = shell(*args)

    assert (told.code, told.out) == (2, "")
    assert r"\xff" in told.err
    assert told.err.endswith("': is not UTF-8; write it anew, or rename the file\n")


@pytest.mark.slow
def test_an_output_that_is_poor_or_closed_is_no_failure(shell: Shell) -> None:
    """A character that the output's encoding lacks is a question mark, and without an output nothing is said."""
    shell("reader", "add", "emilie", "--display", "Émilie", "--email", "é@example.org")
    command = [sys.executable, "-m", "broadsheet", "reader", "list", "--home", str(shell.home)]
    poor = subprocess.run(command, capture_output=True, check=False, env={**os.environ, "PYTHONIOENCODING": "ascii"})
    closed = subprocess.run(["sh", "-c", 'exec "$@" >&- 2>&-', "sh", *command], check=False)

    assert (poor.returncode, poor.stderr, closed.returncode) == (0, b"", 0)
    assert b"?" in poor.stdout


def test_a_query_of_an_export_tells_how_it_was_read(stocked: Shell, tmp_path: Path) -> None:
    """What is no valid query is said beside the count, as a search says it."""
    outcome = stocked("export", tmp_path / "some.bib", "--query", "colour:red")
    assert "note: “colour:” is not a field, searched as plain words" in outcome.err


def test_a_backup_has_a_name(stocked: Shell) -> None:
    """It is checked as a file, so none goes to a pipe, and no file is called `-`."""
    outcome = stocked("backup", "-")
    assert (outcome.code, outcome.err) == (
        2,
        "broadsheet: backup -: is no file; name one, as the copy is checked before it is there\n",
    )


def test_a_check_says_that_all_is_well(stocked: Shell) -> None:
    """Who asked for a check learns that it was made."""
    assert stocked("status", "--check").out.endswith("Checked: store and indexes are whole, and agree.\n")
