"""What an import tells of files that are not what they should be."""

import gzip
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import zstandard

from broadsheet.library.harvest import reading
from tests.shell import Shell, write_listing
from tests.stocked import BEES

PACKERS = pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress], ids=["gzip", "zstd"])


def _cut_off(tmp_path: Path, pack: Callable[[bytes], bytes]) -> Path:
    """The first half of a packed file of forty papers."""
    noise = random.Random(1)
    rows = [
        {"id": f"2511.1{n:04d}", "title": f"On hail {n}", "abstract": noise.randbytes(9000).hex()} for n in range(40)
    ]
    packed = pack(write_listing(tmp_path / "whole", rows).read_bytes())
    cut = tmp_path / "cut"
    cut.write_bytes(packed[: len(packed) // 2])
    return cut


@pytest.mark.slow
@pytest.mark.parametrize("least_shared", [0, 1 << 40], ids=["two processes", "one process"])
@PACKERS
def test_a_file_that_ends_early_is_a_failure(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pack: Callable[[bytes], bytes], least_shared: int
) -> None:
    """What came before its end is stored, the other files come in, and the run on record is partial."""
    monkeypatch.setattr(reading, "LEAST_SHARED", least_shared)
    cut = _cut_off(tmp_path, pack)

    outcome = shell("import", cut, write_listing(tmp_path / "other", [BEES]), "--json")

    assert outcome.code == 1
    assert 10 < outcome.json["new"] < 30
    assert shell("show", "arxiv:2511.10000").code == shell("show", f"arxiv:{BEES['id']}").code == 0
    kind = "gzip" if pack is gzip.compress else "Zstandard"
    fault = f"the file ends early: its {kind} data are cut off"
    (told,) = (line for line in outcome.err.splitlines() if fault in line)
    assert told == (f"broadsheet: file {cut}: {fault}; what came before is stored; get it whole and import it again")
    assert not any("ends early" in drop["reason"] for drop in outcome.json["dropped"])
    (run,) = shell("status", "--json").json["runs"]
    assert run["state"] == "partial"
    assert run["error"].startswith("file cut: the file ends early")


@pytest.mark.slow
@pytest.mark.parametrize(
    "args", [("collection", "import", "ada", "Hail"), ("interest", "add", "ada", "hail", "--file")]
)
@PACKERS
def test_a_file_of_a_reader_that_ends_early_is_a_failure(
    shell: Shell, tmp_path: Path, pack: Callable[[bytes], bytes], args: tuple[str, ...]
) -> None:
    """What came before its end is kept and told, then one sentence says what is wrong; `dropped` has that first."""
    shell("reader", "add", "ada")
    cut = _cut_off(tmp_path, pack)

    plain, outcome = shell(*args, cut), shell(*args[:3], f"{args[3]} too", *args[4:], cut, "--json")

    assert plain.code == outcome.code == 1
    assert 10 < shell.json("status")["papers"] < 30
    filed = outcome.json
    assert (filed["added"] if "added" in filed else len(filed["profile"]["seeds"])) == shell.json("status")["papers"]
    assert [drop["reason"].split()[0] for drop in filed["dropped"]] == ["the", "not"]
    for told in (plain, outcome):
        (sentence,) = (line for line in told.err.splitlines() if "ends early" in line)
        assert sentence.startswith("broadsheet: file cut: the file ends early")
        assert sentence.endswith("; what came before is stored; get it whole and name it again")


def _exported(shell: Shell, file: Path) -> list[dict[str, Any]]:
    """The lines of a reader with a part of each kind, in whose things lies one of the two papers."""
    bees = f"arxiv:{BEES['id']}"
    shell.json("interest", "add", "ada", "bees")
    shell.json("mark", "ada", bees, "up", "--interest", "bees")
    shell.json("collection", "make", "ada", "Meadow")
    shell.json("collection", "add", "ada", "Meadow", bees)
    shell.json("saved", "add", "ada", "terns", "--name", "Terns")
    shell.json("outlet", "add", "ada", "ntfy://ntfy.example.org/x", "--name", "Room")
    shell.json("reader", "export", "ada", file)
    return [json.loads(line) for line in file.read_text().splitlines()]


CANNOT_BE_SHOWN, RED = "has a name with characters that cannot be shown", repr("\x1b[31mred")


@pytest.mark.slow
def test_names_that_a_terminal_would_obey_stay_out(stocked: Shell, tmp_path: Path) -> None:
    """Parts of such a name are left out and told, without their escape; the rest of their reader comes in."""
    file = tmp_path / "ada.jsonl"
    stocked.json("reader", "add", "me")
    stocked.json("reader", "add", "ada", "--display", "Ada", "--email", "ada@example.org")
    text = "\n".join(map(json.dumps, _exported(stocked, file)))
    for name in ("bees", "Meadow", "Terns", "Room", "Ada", "ada@example.org"):
        assert f'"{name}"' in text
        text = text.replace(f'"{name}"', '"\\u001b[31mred"')
    stranger = text.splitlines()[1].replace('"ada"', '"\\u001b[31mred"')
    file.write_text(f"{text}\n{stranger}\n")
    stocked.json("reader", "remove", "ada", "--yes")

    outcome = stocked("import", file)

    assert outcome.code == 0
    assert outcome.err.splitlines() == [
        f"  dropped import {at}: {reason}"
        for at, reason in (
            ("ada: reader", CANNOT_BE_SHOWN),
            (rf"ada: e-mail address {RED}", "is no mail address"),
            (rf"ada: digests to e-mail address {RED}", "is no mail address"),
            *((f"ada: {what} {RED}", CANNOT_BE_SHOWN) for what in ("interest", "collection", "saved search", "outlet")),
            (f"reader name {RED}", "must be letters a-z, digits, `.`, `_` or `-`, at most 64"),
        )
    ] + [ANEW.strip()]
    shown = stocked.json("reader", "show", "ada")
    assert (shown["display"], shown["email"], shown["marks"]) == ("", None, {"up": 1})
    assert (
        "\\u001b"
        not in stocked("export", tmp_path / "all.jsonl", "--personal").out + (tmp_path / "all.jsonl").read_text()
    )


@pytest.mark.slow
def test_names_come_in_as_a_reader_would_give_them(stocked: Shell, tmp_path: Path) -> None:
    """On one line wherever they stand, so that what was in an interest and a collection is in it again, and once."""
    file = tmp_path / "ada.jsonl"
    lines = _exported(stocked, file)
    (first,) = (line for line in lines if "searches" in line)
    first["searches"] += [{**one, "name": f"{one['name']} \n"} for one in first["searches"]]
    text = "\n".join(map(json.dumps, lines))
    for name in ("bees", "Meadow"):
        text = text.replace(f'"{name}"', f'" of \\n {name}"')
    file.write_text(text)
    stocked.json("reader", "remove", "ada", "--yes")

    assert stocked.json("import", file)["dropped"] == []
    assert stocked.json("collection", "show", "ada", "of Meadow")["total"] == 1
    assert [one["name"] for one in stocked.json("saved", "list", "ada")["searches"]] == ["Terns"]
    stocked.json("reader", "export", "ada", file)
    told = [json.loads(line) for line in file.read_text().splitlines()]
    assert [row[2] for line in told for row in line.get("marks", ())] == ["of bees"]


ANEW = "note: addresses for digests have to be confirmed anew, and shared collections get new links\n"


@pytest.mark.slow
def test_an_import_says_which_readers_came_and_who_was_made_an_admin(shell: Shell, tmp_path: Path) -> None:
    """How many are in the report, each once; who was here keeps the role that they had, and is not told of."""
    plain = {"display": "", "email": None, "zone": "", "created": "2025-11-20T08:00:00+00:00"}
    roles = {"ada": "admin", "bo": "reader", "cy": "admin", "di": "admin"}
    lines = [{"reader": {**plain, "name": name, "role": role}} for name, role in roles.items()]
    file = tmp_path / "all.jsonl"
    file.write_text("\n".join(map(json.dumps, [{"broadsheet": 1}, *lines, lines[1]])))
    shell.json("reader", "add", "ada")
    shell.json("reader", "add", "di", "--role", "reader")

    came, again = shell("import", file), shell.json("import", file)

    assert "0 merged, 4 readers, 0 dropped" in came.out
    assert came.err == "note: cy was made an admin; `broadsheet reader list` shows who may do what\n" + ANEW
    assert (again["readers"], again["admins"]) == (4, [])
    assert {r["reader"]: r["role"] for r in shell.json("reader", "list")["readers"]} == {**roles, "di": "reader"}
    assert shell.json("import", write_listing(tmp_path / "papers.jsonl", [BEES]))["readers"] == 0
