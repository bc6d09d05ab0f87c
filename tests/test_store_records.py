"""Signals, runs, cursors and outbox over both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from broadsheet.store import Store, cursors, outbox, papers, runs, schema, signals
from broadsheet.types import Drop, Signal
from tests.stores import NOW, item, paper, put

HOUR = timedelta(hours=1)


def test_signals_are_a_series(store: Store) -> None:
    """Counts come back oldest first; one told twice is one."""
    (paper_id,) = put(store, item(paper("x:1")))
    told = [Signal("huggingface", "upvotes", NOW + HOUR * n, n) for n in (2, 0, 1)]
    with store.writing() as conn:
        signals.append(conn, paper_id, told)
        signals.append(conn, paper_id, told)
        assert signals.series(conn, paper_id) == [told[1], told[2], told[0]]


def test_the_latest_count_of_each_kind(store: Store) -> None:
    """The newest value of each kind counts, for all papers at once; those without are left out."""
    a, b, c = put(store, *(item(paper(f"x:{n}")) for n in range(3)))
    with store.writing() as conn:
        signals.append(conn, a, [Signal("hf", "upvotes", NOW, 9), Signal("hf", "upvotes", NOW + HOUR, 3)])
        signals.append(conn, a, [Signal("hf", "comments", NOW, 1)])
        signals.append(conn, b, [Signal("own", "upvotes", NOW, 2)])
        assert signals.latest(conn, [a, b, c]) == {
            a: {("hf", "upvotes"): 3, ("hf", "comments"): 1},
            b: {("own", "upvotes"): 2},
        }


def test_the_latest_count_of_a_joined_paper_is_the_greatest_of_its_parts(store: Store) -> None:
    """Preprint and venue version are counted apart; the paper has the greater count."""
    (a,) = put(store, item(paper("x:1")))
    with store.writing() as conn:
        signals.append(conn, a, [Signal("hf", "upvotes", NOW, 9)], part="x:2")
        signals.append(conn, a, [Signal("hf", "upvotes", NOW, 4)])
        assert signals.latest(conn, [a]) == {a: {("hf", "upvotes"): 9}}


def test_a_run_comes_back_as_it_ended(store: Store) -> None:
    """State, counts, what was asked, note, error and times survive."""
    with store.writing() as conn:
        run_id = runs.start(conn, "arxiv", NOW, {"since": "2025-11-19"})
        assert runs.latest(conn)["arxiv"].state == "running"
        ended = runs.Outcome(
            state="partial", counts={"new": 3}, drops=[Drop("arxiv", "item 4", "no title")], note="n", error="e"
        )
        runs.finish(conn, run_id, ended, NOW + HOUR)
        (found,) = runs.recent(conn)
        assert (found.id, found.source, found.state, found.started, found.ended) == (
            run_id,
            "arxiv",
            "partial",
            NOW,
            NOW + HOUR,
        )
        assert (found.counts, found.asked, found.note, found.error) == ({"new": 3}, {"since": "2025-11-19"}, "n", "e")
        assert (found.drops, found.dropped) == ((Drop("arxiv", "item 4", "no title"),), {"no title": 1})


def test_a_million_drops_are_counted_and_few_are_kept(store: Store) -> None:
    """All drops count by reason; the list that is kept has a limit, and so have the reasons."""
    drops = [Drop("f", f"line {n}", "no title" if n % 2 else f"bad date {n}") for n in range(2000)]
    with store.writing() as conn:
        runs.finish(conn, runs.start(conn, "f", NOW), runs.Outcome(state="ok", drops=drops), NOW)
        (found,) = runs.recent(conn)
        assert (found.dropped_total, found.dropped["no title"]) == (2000, 1000)
        assert len(found.dropped) == runs.MOST_REASONS + 1
        assert found.drops == tuple(drops[: runs.MOST_DROPS])


def test_the_last_run_of_each_source(store: Store) -> None:
    """Each source is told by its newest run, and when it last went well."""
    with store.writing() as conn:
        for n, (source, state) in enumerate([("a", "ok"), ("b", "holiday"), ("a", "failed")]):
            runs.finish(conn, runs.start(conn, source, NOW + HOUR * n), runs.Outcome(state=state), NOW)  # type: ignore[arg-type]
        assert {s: r.state for s, r in runs.latest(conn).items()} == {"a": "failed", "b": "holiday"}
        assert runs.latest(conn, "b").keys() == {"b"}
        assert (runs.last_good(conn, "a"), runs.last_good(conn, "b"), runs.last_good(conn, "c")) == (
            NOW,
            NOW + HOUR,
            None,
        )
        assert [r.source for r in runs.recent(conn, 2)] == ["a", "b"]
        assert [r.source for r in runs.recent(conn, source="b")] == ["b"]


def test_runs_of_dead_processes_are_closed(store: Store) -> None:
    """A run whose process died is interrupted, in a state of its own; ended ones stay as they are."""
    with store.writing() as conn:
        runs.finish(conn, runs.start(conn, "a", NOW), runs.Outcome(state="ok"), NOW)
        dead = runs.start(conn, "b", NOW)
        # No process has this number: it is beyond the largest that Linux gives.
        conn.execute(update(schema.papers.run).where(schema.papers.run.c.id == dead).values(pid=2**22 + 1))
        assert not runs.is_alive(runs.latest(conn)["b"])
        assert runs.mark_interrupted(conn, NOW + HOUR) == 1
        assert {s: r.state for s, r in runs.latest(conn).items()} == {"a": "ok", "b": "interrupted"}
        assert runs.latest(conn)["b"].ended == NOW + HOUR
        assert runs.mark_interrupted(conn, NOW) == 0


def test_a_run_of_this_process_is_alive(store: Store) -> None:
    """An open run counts as alive as long as its process is, or where nobody can tell."""
    with store.writing() as conn:
        run_id = runs.start(conn, "a", NOW)
        assert runs.is_alive(runs.latest(conn)["a"])
        conn.execute(update(schema.papers.run).where(schema.papers.run.c.id == run_id).values(host="elsewhere"))
        assert runs.is_alive(runs.latest(conn)["a"])


def test_cursors_are_kept_by_source(store: Store) -> None:
    """Named values are set one by one, kept apart by source, and can be forgotten."""
    with store.writing() as conn:
        assert cursors.get(conn, "arxiv") == {}
        cursors.put(conn, "arxiv", {"token": "1", "from": "2025"})
        cursors.put(conn, "arxiv", {"token": "2"})
        cursors.put(conn, "hf", {"token": "x"})
        assert cursors.get(conn, "arxiv") == {"token": "2", "from": "2025"}
        cursors.clear(conn, "arxiv")
        assert (cursors.get(conn, "arxiv"), cursors.get(conn, "hf")) == ({}, {"token": "x"})


def test_a_cursor_goes_back_with_its_transaction(store: Store) -> None:
    """What was read and how far are stored together or not at all."""

    def read_and_break() -> None:
        with store.writing() as conn:
            papers.apply(conn, [item(paper("x:1"))], NOW)
            cursors.put(conn, "arxiv", {"token": "1"})
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read_and_break()
    with store.reading() as conn:
        assert (papers.count(conn), cursors.get(conn, "arxiv")) == (0, {})


def test_the_outbox_is_read_from_a_number_on(store: Store) -> None:
    """Changes come in order, in pieces of the size asked for."""
    ids = put(store, *(item(paper(f"x:{n}")) for n in range(5)))
    with store.reading() as conn:
        assert [c.paper_id for c in outbox.since(conn, 0, 2)] == ids[:2]
        assert [c.paper_id for c in outbox.since(conn, 2)] == ids[2:]
        assert (outbox.head(conn), outbox.floor(conn)) == (5, 0)


def test_what_every_index_has_taken_can_be_trimmed(store: Store) -> None:
    """Trimmed changes are gone, the floor says so, and numbers go on."""
    put(store, *(item(paper(f"x:{n}")) for n in range(5)))
    with store.writing() as conn:
        outbox.trim(conn, 4)
        assert ([c.seq for c in outbox.since(conn, 0)], outbox.floor(conn)) == ([4, 5], 3)
        outbox.trim(conn, 2)
        assert outbox.floor(conn) == 3
        outbox.trim(conn, 1000)
        assert (outbox.since(conn, 0), outbox.floor(conn)) == ([], 5)
    put(store, item(paper("y:1")))
    with store.reading() as conn:
        assert [c.seq for c in outbox.since(conn, 5)] == [6]
