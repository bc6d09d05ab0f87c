"""Measuring identity on labelled pairs, beside simple rules."""

from pathlib import Path
from typing import Any

from broadsheet import identity
from broadsheet.errors import UsageError
from broadsheet.rank import evaluate_identity as protocol


def evaluate_identity(folder: Path, *, run_out: Path | None = None) -> dict[str, Any]:
    """Precision, recall, F1 and recall of the hard pairs with 95 % intervals, for Broadsheet and simple rules.

    `run_out` gets Broadsheet's score of each pair. Raises FormatError for a folder that holds no such pairs.
    """
    pairs = protocol.read_pairs(folder)
    methods = {"broadsheet": lambda a, b: identity.compare(a, b).score, **protocol.BASELINES}
    if run_out:
        lines = protocol.predictions(pairs, protocol.predict(pairs, methods["broadsheet"]).tolist())
        try:
            run_out.write_text("".join(lines), encoding="utf-8")
        except OSError as e:
            raise UsageError(f"run {run_out}", f"cannot be written ({e.strerror or e})", "give another file") from e
    return {"pairs": len(pairs), "methods": protocol.evaluate(pairs, methods)}
