"""The invented sample edition, so that a newcomer sees Broadsheet at work without a network."""

import time

from broadsheet.library.handle import Library, Progress, no_progress
from broadsheet.library.harvest.ingest import ingest
from broadsheet.library.harvest.pull import PullReport, RunReport, outcome
from broadsheet.library.index import catch_up
from broadsheet.words.said import said


def load(lib: Library, progress: Progress = no_progress) -> PullReport:
    """Store the sample papers, dated so that the newest are of today, and index them."""
    from broadsheet import demo
    from broadsheet.store import runs, writer_lock

    started, now = time.monotonic(), lib.now()
    lib.make_home()
    with writer_lock(lib.home, "broadsheet up --demo"):
        with lib.store.writing() as conn:
            run_id = runs.start(conn, "demo", now)
            counts = ingest(conn, demo.records(now.date()), now)
        report = RunReport(
            "demo", "ok", counts, (), time.monotonic() - started, (), note=said("invented sample papers")
        )
        with lib.store.writing() as conn:
            runs.finish(conn, run_id, outcome(report), lib.now())
        catch_up(lib, progress, learn=False)
    return PullReport((report,), time.monotonic() - started)
