"""Papers in the store: written, found, merged, split, over both databases."""

from datetime import date, timedelta

import pytest
from msgspec.structs import replace
from sqlalchemy import func, select

from broadsheet.errors import NotFound, StoreError
from broadsheet.store import Store, outbox, papers, schema, signals
from broadsheet.types import Announcement, Author, Change, Intent, Known, Link, Paper, Signal, Version
from tests.stores import NOW, block, item, paper, put

A, B, C = paper("arxiv:2511.00001", "doi:10.1/a"), paper("doi:10.1/b", "s2:bb"), paper("acl:2025.c")


def rich(name: str) -> Paper:
    return paper(
        name,
        title="Ein $\\alpha$-Maß \U0001d49c '; DROP TABLE paper; --",
        abstract="Zeile\nzwei\x00 %s ? :x",
        authors=(Author("Ö. Doe", "ETH", "0000-0001"),),
        categories=("cs.CL", "stat.ML"),
        published=NOW,
        versions=(Version(1, NOW), Version(2)),
        links=(Link("code", "https://example.org/%20"),),
        announcements=(Announcement("huggingface", date(2025, 11, 20), "featured", "ak"),),
        comment="",
    )


def test_a_paper_comes_back_as_it_was_stored(store: Store) -> None:
    """Every field survives, strange characters too."""
    (paper_id,) = put(store, item(rich("arxiv:2511.00009")))
    with store.reading() as conn:
        assert papers.by_ids(conn, [paper_id]) == [(paper_id, rich("arxiv:2511.00009"))]


def test_a_paper_is_found_under_each_of_its_ids(store: Store) -> None:
    """Key and aliases lead to the paper, under the name asked for; unknown names are left out."""
    put(store, item(A), item(B))
    with store.reading() as conn:
        assert papers.get(conn, ["doi:10.1/a", A.key, "s2:bb", "s2:none"]) == {"doi:10.1/a": A, A.key: A, "s2:bb": B}
        assert papers.get(conn, []) == {}


def test_ids_keep_the_order_asked_for(store: Store) -> None:
    """Papers come in the order of the ids, without those that are no more."""
    a, b, c = put(store, item(A), item(B), item(C))
    with store.reading() as conn:
        assert papers.by_ids(conn, [c, 999, a, b]) == [(c, C), (a, A), (b, B)]


def test_more_ids_than_a_statement_has_variables(store: Store) -> None:
    """A look-up of 40,000 names is one like any other."""
    put(store, item(A))
    with store.reading() as conn:
        assert list(papers.get(conn, [*(f"x:{n}" for n in range(40_000)), A.key])) == [A.key]


def test_a_change_replaces_the_document_and_its_keys(store: Store) -> None:
    """An updated paper keeps its row; names it lost are free, keys it lost no longer lead to it."""
    (before,) = put(store, item(A))
    changed = paper(A.key, "doi:10.1/new", title="Renamed")
    (after,) = put(store, item(changed, "changed"))
    with store.reading() as conn:
        assert before == after
        assert papers.get(conn, ["doi:10.1/a", "doi:10.1/new"]) == {"doi:10.1/new": changed}
        assert papers.known(conn, [], [block(A.title)]) == []
        assert papers.known(conn, [], [block("Renamed")]) == [Known(changed, (changed,))]


def test_a_paper_may_get_a_better_key(store: Store) -> None:
    """A work without ids that later gets one is the same row under a new key."""
    local = paper("local:1")
    ids = put(store, item(local)) + put(store, item(paper("arxiv:2511.7", "local:1"), "changed"))
    with store.reading() as conn:
        assert ids[0] == ids[1]
        assert papers.get(conn, ["local:1"])["local:1"].key == "arxiv:2511.7"


def test_same_writes_nothing_but_signals(store: Store) -> None:
    """A paper seen again unchanged leaves no change behind; its new counts are kept."""
    (paper_id,) = put(store, item(A))
    seen = Signal("huggingface", "upvotes", NOW, 3)
    put(store, papers.stored(Intent("same", A, (A,), "alias", (), (seen,)), []))
    with store.reading() as conn:
        assert outbox.since(conn, 0) == [Change(1, paper_id, "put")]
        assert signals.series(conn, paper_id) == [seen]
        assert papers.known(conn, [], [block(A.title)]) != []


def test_an_absorbed_paper_ends_in_the_survivor(store: Store) -> None:
    """Its row goes, with a delete in the outbox; aliases and signals lead to the survivor, parts stay apart."""
    a, b = put(store, item(A), item(B))
    with store.writing() as conn:
        signals.append(conn, b, [Signal("huggingface", "upvotes", NOW, 7)])
    both = replace(A, aliases=(*A.aliases, *B.aliases))
    assert put(store, item(both, "merged", (B.key,), (A, B))) == [a]
    with store.reading() as conn:
        assert papers.get(conn, [B.key, "s2:bb", A.key]) == dict.fromkeys([B.key, "s2:bb", A.key], both)
        assert papers.known_by_id(conn, a).parts == (A, B)
        assert papers.by_ids(conn, [b]) == []
        assert signals.latest(conn, [a, b]) == {a: {("huggingface", "upvotes"): 7}}
        assert outbox.since(conn, 2) == [Change(3, b, "delete"), Change(4, a, "put")]
        assert [(h.op, h.key, h.other) for h in papers.history(conn, [B.key])] == [("merge", A.key, B.key)]


def test_a_survivor_may_take_the_key_of_the_absorbed(store: Store) -> None:
    """Preprint and venue version join under the preprint's key although the venue version's row stays."""
    b, a = put(store, item(B), item(A))
    joined = replace(A, aliases=(*A.aliases, *B.aliases))
    assert put(store, item(joined, "merged", (A.key,), (A, B))) == [b]
    with store.reading() as conn:
        assert papers.get(conn, [A.key]) == {A.key: joined}
        assert papers.by_ids(conn, [a]) == []


def test_a_split_undoes_a_merge(store: Store) -> None:
    """Both papers are back with their ids and counts, are remembered as distinct, and both are put into the outbox."""
    a, b = put(store, item(A), item(B))
    seen = Signal("huggingface", "upvotes", NOW, 7)
    with store.writing() as conn:
        signals.append(conn, b, [seen])
    both = replace(A, aliases=(*A.aliases, *B.aliases))
    put(store, item(both, "merged", (B.key,), (A, B)))
    with store.writing() as conn:
        before = outbox.head(conn)
        kept, taken = papers.split(conn, item(A), item(B), NOW)
        assert papers.get(conn, [A.key, "s2:bb"]) == {A.key: A, "s2:bb": B}
        assert (kept == a, taken > b) == (True, True)
        assert signals.series(conn, taken) == [seen]
        assert signals.series(conn, kept) == []
        assert papers.lookup(conn, [A.key], []).distinct == {frozenset((A.key, B.key))}
        assert [(c.paper_id, c.op) for c in outbox.since(conn, before)] == [(kept, "put"), (taken, "put")]
        assert [h.op for h in papers.history(conn, [B.key])] == ["merge", "split"]
        assert papers.known_by_id(conn, kept).parts == (A,)


def test_a_person_may_join_what_was_split(store: Store) -> None:
    """A merge by hand forgets that the parts are distinct."""
    both = replace(A, aliases=(*A.aliases, *B.aliases))
    put(store, item(both, parts=(A, B)))
    with store.writing() as conn:
        papers.split(conn, item(A), item(B), NOW)
        papers.merge(conn, item(both, "merged", (B.key,), (A, B)), NOW)
        assert papers.lookup(conn, [A.key], []).distinct == frozenset()
        assert papers.known_by_key(conn, "s2:bb") == Known(both, (A, B))


def test_an_id_of_another_paper_is_refused(store: Store) -> None:
    """A decision that would give one id to two papers fails as a whole, in a sentence."""
    put(store, item(A), item(B))
    thief = replace(A, aliases=(*A.aliases, "s2:bb"))
    with pytest.raises(StoreError, match=r"paper arxiv:2511.00001: its id s2:bb belongs to another stored paper"):
        put(store, item(C), item(thief, "changed"))
    with store.reading() as conn:
        assert papers.count(conn) == 2


def test_decisions_upon_one_paper_in_one_call_follow_each_other(store: Store) -> None:
    """New and then changed in the same call is one paper in its last form."""
    renamed = replace(A, title="Renamed")
    first, second = put(store, item(A), item(renamed, "changed"))
    with store.reading() as conn:
        assert first == second
        assert papers.by_ids(conn, [first]) == [(first, renamed)]


def test_an_id_is_never_used_again(store: Store) -> None:
    """After the newest paper is absorbed the next one gets a higher id."""
    _, b = put(store, item(A), item(B))
    put(store, item(replace(A, aliases=(*A.aliases, *B.aliases)), "merged", (B.key,)))
    assert put(store, item(C))[0] > b


def test_a_failed_transaction_leaves_nothing(store: Store) -> None:
    """An error in the block takes back everything that was written in it."""
    with pytest.raises(StoreError), store.writing() as conn:
        papers.apply(conn, [item(A), item(B, "changed"), item(replace(A, aliases=(A.key, B.key)), "changed")], NOW)
    with store.reading() as conn:
        assert (papers.count(conn), outbox.head(conn)) == (0, 0)


def test_all_papers_are_walked_through_in_pages(store: Store) -> None:
    """The walk gives each paper once, by id, and can begin after any id."""
    ids = put(store, *(item(paper(f"x:{n}")) for n in range(papers.PAGE * 2 + 3)))
    with store.reading() as conn:
        assert [i for i, _ in papers.iterate(conn)] == ids
        assert [p.key for _, p in papers.iterate(conn, after=ids[-3])] == [
            p.key for _, p in papers.by_ids(conn, ids[-2:])
        ]


def test_parts_of_an_unknown_paper(store: Store) -> None:
    """An id that is no more is not found."""
    with store.reading() as conn, pytest.raises(NotFound):
        papers.known_by_id(conn, 7)


def test_a_chunk_knows_what_was_decided_in_it(store: Store) -> None:
    """A second record of a new work finds the first, and both become one write."""
    with store.writing() as conn:
        near = papers.lookup(conn, [A.key], [])
        assert near.known([A.key], []) == []
        near.put(item(A))
        assert near.known(["doi:10.1/a"], []) == near.known([], [block(A.title)]) == [Known(A, (A,))]
        near.put(papers.stored(Intent("same", A, (A,), "", (), (Signal("s", "k", NOW, 1),)), []))
        near.put(item(replace(A, title="Renamed"), "changed"))
        assert [(p.intent.action, p.intent.paper.title, len(p.signals)) for p in near.pending] == [
            ("new", "Renamed", 1)
        ]
        assert papers.apply(conn, near.pending, NOW) == [1]
        assert papers.count(conn) == 1


def test_a_chunk_may_absorb_stored_and_pending_papers(store: Store) -> None:
    """What one record brought and what was stored before both end in the survivor, with their signals."""
    a, b = put(store, item(A), item(B))
    joined = replace(A, aliases=(*A.aliases, *B.aliases, *C.aliases))
    with store.writing() as conn:
        near = papers.lookup(conn, [A.key, C.key], [block(B.title)])
        near.put(papers.stored(Intent("new", C, (C,), "", (), (Signal("s", "k", NOW, 5),)), [block("c")]))
        near.put(item(joined, "merged", (B.key, C.key), (A, B, C)))
        assert near.known(["s2:bb"], [block("c")]) == [Known(joined, (A, B, C))]
        assert papers.apply(conn, near.pending, NOW) == [a]
        assert papers.by_ids(conn, [a, b]) == [(a, joined)]
        assert signals.latest(conn, [a]) == {a: {("s", "k"): 5}}


def test_same_in_a_chunk_is_no_write(store: Store) -> None:
    """Records that bring nothing leave nothing to be written."""
    put(store, item(A))
    with store.reading() as conn:
        near = papers.lookup(conn, [A.key], [])
        near.put(item(A, "same"))
        assert near.pending == []


def test_a_block_that_many_share_tells_nothing(store: Store) -> None:
    """A key of more than MOST_IN_BLOCK papers proposes none of them; their aliases still do."""
    many = [item(paper(f"x:{n}", title="Editorial")) for n in range(papers.MOST_IN_BLOCK + 1)]
    put(store, *many)
    with store.reading() as conn:
        assert [k.paper.key for k in papers.known(conn, ["x:3"], [block("Editorial")])] == ["x:3"]


def test_announcements_follow_the_document(store: Store) -> None:
    """The rows by day are those of the newest document."""
    day = date(2025, 11, 20)
    put(store, item(paper("x:1", days={day: "new"})))
    put(store, item(paper("x:1", days={day: "new", day + timedelta(days=1): "replace"}), "changed"))
    with store.reading() as conn:
        rows = conn.execute(select(schema.papers.announcement.c.day, schema.papers.announcement.c.first)).all()
        assert sorted(rows) == [(day, True), (day + timedelta(days=1), False)]


def test_no_row_is_left_of_papers_that_went(store: Store) -> None:
    """A merge leaves no blocking key, part or announcement of the absorbed paper."""
    b = paper("doi:10.1/b", days={date(2025, 1, 1): "listed"})
    put(store, item(A), item(b))
    put(store, item(replace(A, aliases=(*A.aliases, b.key)), "merged", (b.key,)))
    with store.reading() as conn:
        for table in (schema.papers.block, schema.papers.announcement, schema.papers.part):
            orphans = table.c.paper_id.not_in(select(schema.papers.paper.c.id))
            assert conn.scalar(select(func.count()).select_from(table).where(orphans)) == 0
