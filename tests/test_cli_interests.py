"""Interests and lists of readers, by real commands on invented papers of three subjects."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.shell import Shell, write_listing
from tests.topics import rows, topic_of

BIRD, SHIP, SOUP = "2511.01000", "2511.02000", "2511.03000"


def keys(answer: dict[str, Any]) -> list[str]:
    """The papers of a list."""
    return [paper["key"] for paper in answer["papers"]]


def topics(answer: dict[str, Any]) -> set[str]:
    """The subjects of the papers that were chosen, those drawn by lot aside."""
    return {topic_of(p["key"]) for p in answer["papers"] if not p["explored"]}


@pytest.mark.slow
def test_an_interest_begins_from_papers(reading: Shell) -> None:
    """A seed paper brings papers of its subject, each with a reason and a probability, and is not listed itself."""
    reading.json("interest", "add", "me", "birds", "--seed", "https://arxiv.org/abs/2511.01000", "-s", "2511.01001")

    answer = reading.json("recommend", "me", "--limit", 6)

    assert answer["state"] == "ok"
    assert topics(answer) == {"birds"}
    assert not {f"arxiv:{n}" for n in (BIRD, "2511.01001")} & set(keys(answer))
    assert all(p["why"] and 0 < p["probability"] < 1 and p["interest"] == "birds" for p in answer["papers"])
    assert [p["rank"] for p in answer["papers"]] == [*range(1, len(answer["papers"]) + 1)]
    assert "began with" in answer["papers"][0]["why"][0]


@pytest.mark.slow
def test_an_interest_of_which_nothing_is_known_lists_nothing(reading: Shell) -> None:
    """Begun without a word it says what it waits for, and neither it nor a dislike puts papers into a list for it."""
    told = reading("interest", "add", "me", "later").out
    reading("mark", "me", BIRD, "down")
    reading("interest", "add", "me", "soups", "--seed", SOUP)

    listed = reading.json("recommend", "me", "--preview")["papers"]

    assert "nothing before it knows something" in told
    assert "--interest later" in told
    assert {paper["interest"] for paper in listed} == {"soups"}


@pytest.mark.slow
def test_words_that_no_paper_has_list_nothing_until_one_comes(reading: Shell, tmp_path: Path) -> None:
    """The best of what is far away is not near: that is told, and once papers have the words they teach."""
    told = reading("interest", "add", "me", "vents", "--about", "volcanic magma and lava, heard by a songbird").out

    before = reading.json("recommend", "me", "--preview")
    lava = {**rows()[0], "id": "2511.09001", "title": "Volcanic lava", "abstract": "We study magma and lava of vents."}
    reading("import", str(write_listing(tmp_path / "more.jsonl", [lava])))
    after = reading.json("recommend", "me", "--preview")

    assert "hardly any word of “volcanic magma and lava, heard by a songbird”" in told
    assert (before["state"], before["papers"]) == ("nothing", [])
    assert "nothing is listed before" in before["note"]
    assert (after["state"], after["note"]) == ("ok", None)


@pytest.mark.slow
def test_what_is_trending_is_used_up_by_no_list(reading: Shell) -> None:
    """Listed before anything is known of a reader, it is listed again, and for its own reason once there is one."""
    trending = keys(reading.json("recommend", "me", "--limit", 60))
    assert keys(reading.json("recommend", "me", "--limit", 60)) == trending
    reading.json("interest", "add", "me", "birds", "--seed", BIRD)

    assert set(keys(reading.json("recommend", "me", "--limit", 6))) & set(trending)


@pytest.mark.slow
def test_what_is_ruled_out_is_not_repeated(reading: Shell) -> None:
    """A list is shown again without the papers that its interest's rules shut out by now."""
    reading.json("interest", "add", "me", "birds", "--seed", BIRD)
    listed = reading.json("recommend", "me", "--limit", 6, "--explore", 0)["papers"]
    reading.json("interest", "edit", "me", "birds", "--exclude", listed[0]["title"])

    again = reading.json("recommend", "me", "--again")["papers"]
    assert again
    assert listed[0]["key"] not in [paper["key"] for paper in again]


@pytest.mark.slow
def test_an_interest_that_learnt_nothing_is_listed_with_no_words(reading: Shell) -> None:
    """What it is to be about was said and not learnt, and the column is of what was learnt."""
    reading.json("interest", "add", "me", "odd", "--about", "zyzzyva")
    reading.json("interest", "add", "me", "birds", "--seed", BIRD)

    rows = [line.split() for line in reading("interest", "list").out.splitlines()]

    assert next(row for row in rows if row[:1] == ["odd"]) == ["odd", "1", "0", "0", "0"]
    assert len(next(row for row in rows if row[:1] == ["birds"])) > 5


@pytest.mark.slow
def test_who_is_alone_need_not_be_named(reading: Shell) -> None:
    """Lists are those of the only reader there is; of several, one has to be named."""
    reading.json("interest", "add", "me", "birds", "--seed", BIRD)
    assert reading.json("recommend", "--preview")["reader"] == "me"
    for group in ("interest", "collection", "saved"):
        assert reading.json(group, "list")["reader"] == "me"

    reading.json("reader", "add", "ada")
    assert "say which: me, ada" in reading("interest", "list").err


@pytest.mark.slow
@pytest.mark.parametrize("start", [("--about", "hull and keel"), ("--author", "Ann Shipsson"), ("--file",)])
def test_an_interest_begins_from_anything(reading: Shell, tmp_path: Path, start: tuple[str, ...]) -> None:
    """A few words, an author or a file of references are as good as papers, before anything was marked."""
    if start == ("--file",):
        path = tmp_path / "refs.bib"
        path.write_text("@article{a, title={Keel, rudder and ballast of a ship}, author={Doe, Jo}, year={2020}}")
        start = ("--file", str(path))
    reading.json("interest", "add", "me", "ships", *start)

    assert topics(reading.json("recommend", "me", "--limit", 5)) == {"ships"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("entry", "code"), [("@article{b, year={2020}}", 1), (f"@article{{a, eprint={{{BIRD}}}, title={{A}}}}", 0)]
)
@pytest.mark.parametrize("do", [("add", "me", "ships"), ("seed", "me", "there")])
def test_a_file_of_which_all_was_dropped_is_a_failure(
    shell: Shell, tmp_path: Path, do: tuple[str, ...], entry: str, code: int
) -> None:
    """It is told with exit code 1 once the rest is done; one entry that comes in is enough."""
    shell.json("interest", "add", "me", "there")
    path = tmp_path / "refs.bib"
    path.write_text(f"@article{{a, year={{2019}}}}\n{entry}")
    answer = shell("interest", *do, "--file", path, "--json")

    assert (answer.code, len(answer.json["dropped"])) == (code, 1 + code)
    assert len(answer.json["profile"].get("seeds", ())) == 1 - code


@pytest.mark.slow
def test_a_paper_is_listed_as_new_once(reading: Shell) -> None:
    """Lists of one reader never share a paper until all is shown; a preview shows nothing; the last list can be had."""
    reading.json("interest", "add", "me", "birds", "--seed", BIRD)
    preview = reading.json("recommend", "me", "--preview", "--limit", 5)
    first = reading.json("recommend", "me", "--limit", 5)
    assert keys(preview) == keys(first)
    second = reading.json("recommend", "me", "--limit", 5)
    assert not set(keys(first)) & set(keys(second))

    again = reading.json("recommend", "me", "--again")

    assert keys(again) == keys(first) + keys(second)
    assert [p["why"] for p in again["papers"][:5]] == [p["why"] for p in first["papers"]]
    for _ in range(12):
        last = reading.json("recommend", "me", "--limit", 10)
    assert (last["state"], last["papers"]) == ("nothing", [])
    assert last["note"]


@pytest.mark.slow
def test_a_list_of_interests_knows_the_last_marks(reading: Shell) -> None:
    """Who marks papers and lists interests at once finds the one that began with it, and what it has learnt."""
    reading.json("mark", "me", BIRD, "up")

    (main,) = reading.json("interest", "list", "me")["interests"]

    assert (main["interest"], main["learnt"]["liked"]) == ("main", 1)


@pytest.mark.slow
def test_what_is_marked_is_not_recommended(reading: Shell) -> None:
    """Liked, disliked, saved, read and hidden papers are known to the reader; a note alone is not a word on it."""
    reading.json("interest", "add", "me", "birds", "--seed", BIRD)
    listed = keys(reading.json("recommend", "me", "--preview", "--limit", 6, "--explore", 0))
    assert len(listed) == 6
    for key, mark in zip(listed, ("up", "down", "save", "read", "hide"), strict=False):
        reading.json("mark", "me", key, mark)
    reading.json("mark", "me", listed[5], "note", "look at it")

    now = keys(reading.json("recommend", "me", "--preview", "--limit", 1000, "--explore", 0))

    assert not set(listed[:5]) & set(now)


@pytest.mark.slow
def test_what_was_withdrawn_is_recommended_to_nobody(reading: Shell, tmp_path: Path) -> None:
    """Papers that their authors took back are not listed, drawn by lot or asked about; an edition has them last."""
    reading.json("interest", "add", "me", "birds", "--seed", BIRD)
    best = keys(reading.json("recommend", "me", "--preview", "--limit", 3, "--explore", 0))
    numbers = {key.removeprefix("arxiv:") for key in best}
    gone = [{**row, "comment": "This paper has been withdrawn."} for row in rows() if row["id"] in numbers]
    reading.json("import", write_listing(tmp_path / "gone.jsonl", gone))

    own = reading.json("recommend", "me", "--preview", "--limit", 100, "--explore", 0.5, "--teach")
    reading.json("reader", "add", "you")
    cold = reading.json("recommend", "you", "--preview", "--limit", 100)
    edition = reading.json("edition", "2025-11", "--sort", "mine", "--reader", "me", "--limit", 100)

    assert own["papers"]
    assert not set(best) & {*keys(own), *(p["key"] for p in own["ask"])}
    assert cold["state"] == "cold"
    assert not set(best) & set(keys(cold))
    assert set(keys(edition)[-len(best) :]) == set(best)


@pytest.mark.slow
def test_the_next_list_knows_the_last_mark(reading: Shell) -> None:
    """Marks alone make an interest; another mark widens it, and one that is taken back is forgotten."""
    assert reading.json("recommend", "me", "--preview")["state"] == "cold"
    reading.json("mark", "me", SOUP, "up")
    liked = reading.json("recommend", "me", "--preview", "--limit", 20)
    assert topics(liked) == {"soups"}
    assert [i["interest"] for i in reading.json("interest", "list", "me")["interests"]] == ["main"]

    reading.json("mark", "me", SHIP, "up")
    assert topics(reading.json("recommend", "me", "--preview", "--limit", 100)) == {"soups", "ships"}
    reading.json("mark", "me", "--undo")

    assert keys(reading.json("recommend", "me", "--preview", "--limit", 20)) == keys(liked)


@pytest.mark.slow
def test_keywords_are_obeyed(reading: Shell) -> None:
    """No listed paper has an excluded word or lacks all included ones, be it chosen or drawn by lot."""
    reading.json(
        "interest", "add", "me", "birds", "--seed", BIRD, "--exclude", "nest", "--include", "wing", "--include", "moult"
    )

    listed = reading.json("recommend", "me", "--explore", 0.3)["papers"]

    texts = [f"{p['title']} {p['abstract']}".lower() for p in listed]
    assert texts
    assert all("nest" not in text and ("wing" in text or "moult" in text) for text in texts)


@pytest.mark.slow
def test_rules_alone_list_what_they_allow(reading: Shell) -> None:
    """A followed author brings that author's papers and no others, a category all of its own, nothing said nothing."""
    reading.json("interest", "add", "me", "follow", "--author", "Author Ships C")
    reading.json("interest", "edit", "me", "follow", "--drop", "arxiv:2511.02002")
    assert keys(reading.json("recommend", "me", "--preview", "--explore", 0)) == ["arxiv:2511.02002"]
    reading.json("interest", "add", "me", "field", "--category", "cond-mat")
    field = reading.json("recommend", "me", "--preview", "--interest", "field", "--limit", 100, "--explore", 0)
    assert topics(field) == {"soups"}
    reading.json("interest", "add", "me", "empty")
    assert reading.json("recommend", "me", "--preview", "--interest", "empty")["state"] == "cold"


@pytest.mark.slow
def test_interests_share_a_list(reading: Shell) -> None:
    """Each interest has its part of the beginning of a list, by its share, however sure the other is."""
    reading.json("interest", "add", "me", "birds", *(a for i in range(6) for a in ("--seed", f"2511.0100{i}")))
    reading.json("interest", "add", "me", "ships", "--seed", SHIP)
    even = reading.json("recommend", "me", "--preview", "--limit", 6, "--explore", 0)
    assert [p["interest"] for p in even["papers"]].count("ships") == 3

    reading.json("interest", "edit", "me", "ships", "--share", 2)

    shares = reading.json("recommend", "me", "--preview", "--limit", 6, "--explore", 0)["papers"]
    assert [p["interest"] for p in shares].count("ships") == 4
    only = reading.json("recommend", "me", "--preview", "--interest", "ships", "--limit", 3)
    assert (only["interest"], topics(only)) == ("ships", {"ships"})


@pytest.mark.slow
def test_a_mark_teaches_the_interest_that_it_is_nearest_to(reading: Shell) -> None:
    """A liked paper that was not shown under an interest teaches the nearest, a named one the named."""
    reading.json("interest", "add", "me", "birds", "--seed", BIRD)
    reading.json("interest", "add", "me", "ships", "--seed", SHIP)
    reading.json("mark", "me", "2511.02003", "up")
    reading.json("mark", "me", "2511.02004", "up", "--interest", "birds")

    taught = {name: reading.json("interest", "show", "me", name)["examples"] for name in ("birds", "ships")}

    assert {e["key"] for e in taught["ships"]} == {f"arxiv:{n}" for n in (SHIP, "2511.02003")}
    assert {e["key"] for e in taught["birds"]} == {f"arxiv:{n}" for n in (BIRD, "2511.02004")}


@pytest.mark.slow
def test_a_mark_on_something_else_teaches_the_general_interest(reading: Shell) -> None:
    """A liked paper unlike what an interest was begun with begins `main`, which comes again, once it was removed, with
    another such paper only.
    """
    reading.json("interest", "add", "me", "birds", "--about", "migration of songbirds")
    reading.json("mark", "me", "2511.02003", "up")
    reading.json("mark", "me", "2511.01004", "up")

    listed = reading.json("recommend", "me", "--preview", "--explore", 0)["papers"]

    taught = {name: reading.json("interest", "show", "me", name)["examples"] for name in ("birds", "main")}
    assert [e["key"] for e in taught["birds"]] == ["arxiv:2511.01004"]
    assert [e["key"] for e in taught["main"]] == ["arxiv:2511.02003"]
    assert {p["interest"] for p in listed if topics({"papers": [p]}) == {"ships"}} == {"main"}

    reading.json("interest", "remove", "me", "main")
    reading.json("recommend", "me", "--preview")
    assert [i["interest"] for i in reading.json("interest", "list", "me")["interests"]] == ["birds"]
    reading.json("mark", "me", "2511.03003", "up")
    reading.json("recommend", "me", "--preview")
    assert [e["key"] for e in reading.json("interest", "show", "me", "main")["examples"]] == ["arxiv:2511.03003"]


@pytest.mark.slow
def test_what_was_liked_before_does_not_teach_an_interest_of_something_else(reading: Shell) -> None:
    """Papers liked while there was no interest teach `main` when another is begun with words."""
    reading.json("mark", "me", "2511.02003", "up")
    reading.json("interest", "add", "me", "birds", "--about", "migration of songbirds")

    assert reading.json("interest", "show", "me", "birds")["examples"] == []
    assert [e["key"] for e in reading.json("interest", "show", "me", "main")["examples"]] == ["arxiv:2511.02003"]


@pytest.mark.slow
def test_what_was_learnt_is_told_and_put_right(reading: Shell) -> None:
    """An interest tells its terms; a term that the reader sets outweighs what was learnt, and can be taken back."""
    reading.json("interest", "add", "me", "birds", "--seed", BIRD, "--seed", "2511.01001")
    learnt = reading.json("interest", "show", "me", "birds")["learnt"]
    assert learnt["seeds"] == 2
    assert learnt["for"][0][1] > 0
    before = reading.json("recommend", "me", "--preview", "--explore", 0, "--diversity", 0)

    reading.json("interest", "edit", "me", "birds", "--more", "Broths", "--less", "flock")

    shown = reading.json("interest", "show", "me", "birds")
    assert dict(shown["profile"]["terms"]) == {"broths": 1.0, "flock": -1.0}
    assert "broth" in dict(shown["learnt"]["for"])
    assert "flock" in dict(shown["learnt"]["against"])
    after = reading.json("recommend", "me", "--preview", "--explore", 0, "--diversity", 0)
    assert keys(before) != keys(after)
    reading.json("interest", "edit", "me", "birds", "--drop", "broths", "--drop", "flock")
    assert keys(reading.json("recommend", "me", "--preview", "--explore", 0, "--diversity", 0)) == keys(before)


@pytest.mark.slow
def test_an_interest_goes_there_and_back(reading: Shell, tmp_path: Path) -> None:
    """What is exported, forgotten and imported is exported the same, and lists the same."""
    reading.json("interest", "add", "me", "birds", "--seed", BIRD, "--about", "flight of a flock", "--exclude", "hull")
    reading.json("mark", "me", "2511.01002", "up")
    reading.json("mark", "me", SOUP, "down")
    listed = keys(reading.json("recommend", "me", "--preview"))
    assert reading("interest", "export", "me", "birds", tmp_path / "birds.json").code == 0
    reading.json("interest", "remove", "me", "birds")

    reading.json("interest", "import", "me", tmp_path / "birds.json")

    assert reading("interest", "export", "me", "birds", tmp_path / "again.json").code == 0
    assert json.loads((tmp_path / "again.json").read_text()) == json.loads((tmp_path / "birds.json").read_text())
    assert keys(reading.json("recommend", "me", "--preview")) == listed


@pytest.mark.slow
def test_a_reset_interest_begins_again(reading: Shell) -> None:
    """After a reset marks given before teach nothing, and --all forgets what was said, too; the marks stay."""
    reading.json("interest", "add", "me", "birds", "--seed", BIRD)
    reading.json("mark", "me", "2511.01002", "up")
    assert len(reading.json("interest", "show", "me", "birds")["examples"]) == 2
    reading.json("interest", "reset", "me", "birds")
    assert [e["seed"] for e in reading.json("interest", "show", "me", "birds")["examples"]] == [True]
    reading.json("interest", "reset", "me", "birds", "--all")
    assert reading.json("interest", "show", "me", "birds")["examples"] == []
    assert reading.json("mark", "me", "2511.01002")["marks"] == ["up"]


@pytest.mark.slow
def test_near_duplicates_are_held_back(reading: Shell, tmp_path: Path) -> None:
    """Of papers that tell the same one is listed, and names the other."""
    text = "We study plumage and ringing and moult of the songbird at the nest, again and again, "
    twin = {"title": "Wing flight of the warbler flock", "categories": ["q-bio.PE"]}
    rows = [{**twin, "id": f"2511.0900{i}", "abstract": text + at, "authors": [at]} for i, at in enumerate(("A", "B"))]
    reading.json("import", write_listing(tmp_path / "twins.jsonl", rows))
    reading.json("interest", "add", "me", "birds", "--seed", BIRD)

    listed = reading.json("recommend", "me", "--explore", 0, "--limit", 100)["papers"]

    twins = [p for p in listed if p["key"].startswith("arxiv:2511.0900")]
    assert len(twins) == 1
    assert twins[0]["alike"] != []


@pytest.mark.slow
def test_the_dial_of_diversity_and_the_lots(reading: Shell) -> None:
    """Diversity 0 lists by probability; a share of lots is marked as such, is the same on each call, and can be 0."""
    reading.json("interest", "add", "me", "birds", "--seed", BIRD)
    plain = reading.json("recommend", "me", "--preview", "--diversity", 0, "--explore", 0)["papers"]
    chances = [p["probability"] for p in plain]
    assert chances == sorted(chances, reverse=True)
    assert not any(p["explored"] for p in plain)

    lots = [reading.json("recommend", "me", "--preview", "--explore", 0.3, "--limit", 10) for _ in range(2)]

    assert keys(lots[0]) == keys(lots[1])
    drawn = [p for p in lots[0]["papers"] if p["explored"]]
    assert len(drawn) == 3
    assert all("by lot" in p["why"][0] for p in drawn)


@pytest.mark.slow
def test_an_edition_can_be_in_a_readers_order(reading: Shell) -> None:
    """`--sort mine` has all papers of the edition, shown or not, the likely ones first with their reasons."""
    reading.json("interest", "add", "me", "birds", "--seed", BIRD)
    reading.json("recommend", "me")

    mine = reading.json("edition", "2025-11-19", "--sort", "mine", "--limit", 0)

    assert sorted(keys(mine)) == sorted(keys(reading.json("edition", "2025-11-19", "--limit", 0)))
    assert [topic_of(key) for key in keys(mine)[:4]] == ["birds"] * 4
    assert [p["score"] for p in mine["papers"]] == sorted((p["score"] for p in mine["papers"]), reverse=True)
    assert mine["papers"][0]["why"].startswith("birds ")
    reading.json("reader", "add", "ann")
    assert reading("edition", "--sort", "mine").code == 2
    assert "No mark and no interest" in reading.json("edition", "--sort", "mine", "--reader", "ann")["note"]


@pytest.mark.slow
def test_a_list_does_not_jump_without_a_reason(reading: Shell) -> None:
    """After the vectors and the lexicon were made anew, which makes all models anew, papers stand where they stood."""
    reading.json("interest", "add", "me", "birds", "--seed", BIRD, "--seed", "2511.01001", "--about", "a nest")
    before = reading.json("edition", "2025-11-20", "--sort", "mine", "--limit", 0)
    reading.json("reindex")
    (reading.home / "index" / "interests" / "lexicon").unlink()
    (reading.home / "index" / "interests" / "made.json").unlink()

    after = reading.json("edition", "2025-11-20", "--sort", "mine", "--limit", 0)

    assert keys(after)[:8] == keys(before)[:8]
    then, now = ({p["key"]: p["score"] for p in answer["papers"]} for answer in (before, after))
    assert now == pytest.approx(then, abs=0.001)
    assert reading.json("interest", "show", "me", "birds")["learnt"]["churn"] == 0


def test_a_new_reader_is_told_how_to_begin(reading: Shell) -> None:
    """Without marks and interests there is the trending list, how to begin, and papers to be asked about."""
    answer = reading.json("recommend", "me", "--limit", 4)

    assert (answer["state"], len(answer["papers"]), len(answer["ask"])) == ("cold", 4, 3)
    assert "interest add me" in answer["note"]
    assert all(p["probability"] is None for p in answer["papers"])


@pytest.mark.slow
def test_an_interest_asks_for_the_marks_that_teach_most(reading: Shell) -> None:
    """A young interest asks about three papers, none of which it knows; an old one only when told to."""
    reading.json("interest", "add", "me", "birds", "--seed", BIRD)
    answer = reading.json("recommend", "me", "--preview")
    asked = [p["key"] for p in answer["ask"]]
    assert not set(asked) & set(keys(answer))
    assert len(set(asked)) == 3
    assert f"arxiv:{BIRD}" not in asked
    for i in range(1, 12):
        reading.json("mark", "me", f"2511.010{i:02}", "up")
    assert reading.json("recommend", "me", "--preview")["ask"] == []
    assert len(reading.json("recommend", "me", "--preview", "--teach")["ask"]) == 3


@pytest.mark.slow
def test_derived_files_can_be_deleted_and_broken(reading: Shell) -> None:
    """The lexicon and the background are made anew where they are gone or broken, and the list stays the same."""
    reading.json("interest", "add", "me", "birds", "--seed", BIRD)
    before = keys(reading.json("recommend", "me", "--preview"))
    for number, file in enumerate(sorted((reading.home / "index" / "interests").iterdir())):
        file.unlink() if number % 2 else file.write_bytes(b"\x00broken")

    assert keys(reading.json("recommend", "me", "--preview")) == before


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["gone", "no manifest", "broken manifest", "cut short"])
def test_lists_go_on_without_vectors_that_cannot_be_read(reading: Shell, fault: str) -> None:
    """Words, categories and authors still tell birds from ships, and a sentence says so until the set is built anew."""
    reading.json("interest", "add", "me", "birds", "--seed", BIRD, "--about", "songbird migration")
    (folder,) = (reading.home / "vectors").iterdir()
    if fault == "gone":
        shutil.rmtree(folder)
    elif fault == "no manifest":
        (folder / "manifest.json").unlink()
    elif fault == "broken manifest":
        (folder / "manifest.json").write_text("{")
    else:
        (rows_file,) = folder.glob("*/rows.i8")
        rows_file.write_bytes(rows_file.read_bytes()[:-1])

    answer = reading.json("recommend", "me", "--preview", "--limit", 5)

    assert topics(answer) == {"birds"}
    for note in (answer["note"], reading.json("edition", "2025-11-20", "--sort", "mine", "--reader", "me")["note"]):
        assert f"vectors {folder.name}" in note
        assert "`broadsheet reindex`" in note
    reading("reindex")
    whole = reading.json("recommend", "me", "--preview", "--limit", 5)
    assert topics(whole) == {"birds"}
    assert whole["note"] is None


@pytest.mark.slow
def test_a_library_with_readers_prepares_itself(reading: Shell, tmp_path: Path) -> None:
    """An import that makes the library half as large again learns words and background anew, once somebody reads."""
    made = reading.home / "index" / "interests" / "made.json"
    more = [
        {**row, "id": f"2512.{number:05}", "title": f"{row['title']} again {number}"}
        for number, row in enumerate(rows()[:40])
    ]
    reading.json("interest", "add", "me", "birds", "--seed", BIRD)
    assert json.loads(made.read_text())["papers"] == 72

    answer = reading.json("import", write_listing(tmp_path / "more.jsonl", more))

    assert json.loads(made.read_text())["papers"] == 72 + answer["new"] >= 108


@pytest.mark.slow
def test_a_name_of_many_papers_is_followed_and_no_seed(shell: Shell, tmp_path: Path) -> None:
    """More papers under one name than one person is likely to have say nothing of a topic, and the reader is told."""
    many = [row | {"authors": ["Wei Wang"]} for row in rows()[:31]]
    shell("import", str(write_listing(tmp_path / "many.jsonl", many)))
    shell("reader", "add", "me")

    begun = shell("interest", "add", "me", "wei", "--author", "Wei Wang")

    assert "more than 30 papers" in begun.err
    assert "seeds" not in shell.json("interest", "show", "me", "wei")["profile"]


@pytest.mark.parametrize(
    ("args", "word"),
    [
        (("interest", "add", "me", " "), "name"),
        (("interest", "add", "me", "x", "--seed", "nothing"), "nothing"),
        (("interest", "add", "me", "x", "--about", "..."), "write one, or leave it out"),
        (("interest", "add", "me", "x", "--share", "-1"), "share"),
        (("interest", "add", "me", "x", "--file", "none.bib"), "look at its name"),
        (("interest", "show", "me", "x"), "interest add me"),
        (("interest", "import", "me", "none.json"), "`broadsheet interest export` wrote"),
        (("interest", "seed", "me", "x"), "with --file"),
        (("recommend", "me", "--interest", "x"), "x"),
        (("recommend", "me", "--day", "yesterday"), "yesterday"),
        (("recommend", "me", "--again"), "shown"),
        (("recommend", "me", "--again", "--since", "2025-11-18"), "--since"),
        (("recommend", "me", "--day", "2025-11-18", "--since", "2025-11-20"), "2025-11-20"),
    ],
)
def test_what_cannot_be_is_told_in_a_sentence(reading: Shell, args: tuple[str, ...], word: str) -> None:
    """Wrong names, days and values are refused with the reason and the way out."""
    outcome = reading(*args)

    assert outcome.code in (1, 2)
    assert outcome.err.count("\n") == 1
    assert word in outcome.err


@pytest.mark.parametrize("content", [b"\x89PNG\xff", b"null", b"[" * 100_000, b'{"broadsheet_interest": 1}'])
def test_what_is_no_interest_is_refused_without_python(reading: Shell, tmp_path: Path, content: bytes) -> None:
    """A file that no `interest export` wrote is refused in a sentence that speaks of no types, bytes or columns."""
    file = tmp_path / "birds.json"
    file.write_bytes(content)
    told = reading("interest", "import", "me", file)

    assert (told.code, told.out) == (1, "")
    assert told.err.endswith("is no interest that was exported; `broadsheet interest export` writes one\n")


@pytest.mark.parametrize("args", [("recommend", "me"), ("interest", "list", "me"), ("interest", "show", "me", "birds")])
def test_people_get_text(reading: Shell, args: tuple[str, ...]) -> None:
    """Without --json the commands write readable text."""
    reading.json("interest", "add", "me", "birds", "--seed", BIRD, "--about", "birds")

    outcome = reading(*args)

    assert outcome.code == 0
    assert "birds" in outcome.out
    assert not outcome.out.startswith("{")


def test_an_empty_library_says_so(shell: Shell) -> None:
    """Before anything was harvested there is nothing to recommend, and the answer says what to do."""
    answer = shell.json("recommend", "me")

    assert (answer["state"], answer["papers"]) == ("empty", [])
    assert "up --once" in answer["note"]
