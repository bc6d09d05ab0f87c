"""Readers, marks, interests and what was shown, in both databases."""

from datetime import time, timedelta

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from broadsheet.sources.formats.personal import dump, load
from broadsheet.store import (
    Store,
    backup,
    deliveries,
    digests,
    interests,
    marks,
    own_orders,
    papers,
    personal,
    readers,
    shown,
    signals,
    votes,
)
from broadsheet.types import Delivery, Digest, Intent, Mark, MarkKind, Preferences, Profile, Reader, Shown
from tests.stores import NOW, item, paper, put

A, B, C = paper("x:1"), paper("x:2"), paper("x:3")
HOUR = timedelta(hours=1)


def new_reader(store: Store, name: str) -> Reader:
    """A reader in a transaction of its own."""
    with store.writing() as conn:
        return readers.add(conn, name, NOW, display="", email=None, zone="", role="reader")


def say(store: Store, reader: Reader, paper_id: int, kind: MarkKind, hour: int = 0, text: str | None = None) -> int:
    """Mark a paper some hours after NOW."""
    with store.writing() as conn:
        return marks.put(conn, reader.id, [Mark(paper_id, kind, NOW + hour * HOUR, text=text)])


def held(store: Store, reader: Reader, paper_id: int, hour: int | None = None) -> set[str]:
    """The kinds of marks on a paper, now or as of an hour."""
    with store.reading() as conn:
        at = None if hour is None else NOW + hour * HOUR
        return {m.kind for m in marks.standing(conn, reader.id, papers=[paper_id], at=at)}


def join(store: Store, first: int, second: int) -> None:
    """Join papers A and B as a harvest does."""
    whole = replace(A, aliases=(*A.aliases, *B.aliases))
    assert put(store, papers.stored(Intent("merged", whole, (A, B), "same", (B.key,)), [1])) == [first]
    assert first != second


def take_apart(store: Store) -> tuple[int, int]:
    """Split A and B again."""
    kept, taken = (papers.stored(Intent("changed", p, (p,), "test"), [1]) for p in (A, B))
    with store.writing() as conn:
        return papers.split(conn, kept, taken, NOW)


def test_a_mark_holds_until_another_takes_its_place(store: Store) -> None:
    """Up and down exclude each other, saved and read stay beside them, and a past hour is seen as it was."""
    (a,) = put(store, item(A))
    me = new_reader(store, "me")
    say(store, me, a, "up", 1)
    say(store, me, a, "save", 2)
    say(store, me, a, "down", 3)

    assert held(store, me, a) == {"down", "save"}
    assert [held(store, me, a, hour) for hour in (0, 1, 2, 3)] == [set(), {"up"}, {"up", "save"}, {"down", "save"}]


def test_saying_the_same_again_changes_nothing(store: Store) -> None:
    """A mark that holds is not given twice, and a note with another text is another note."""
    (a,) = put(store, item(A))
    me = new_reader(store, "me")

    assert [say(store, me, a, "up"), say(store, me, a, "up", 5)] == [1, 0]
    assert [say(store, me, a, "note", 6, text) for text in ("one", "one", "two")] == [1, 0, 1]
    with store.reading() as conn:
        assert [m.text for m in marks.standing(conn, me.id, kinds=["note"])] == ["two"]


def test_each_undo_takes_one_action_back(store: Store) -> None:
    """Undoing goes back action by action, also through those of the same moment, and ends in nothing said."""
    (a,) = put(store, item(A))
    me = new_reader(store, "me")
    said: list[MarkKind] = ["up", "save", "down"]
    for kind in said:
        say(store, me, a, kind)
    with store.writing() as conn:
        marks.take_back(conn, me.id, [a], NOW)
    seen = []
    for _ in range(5):
        seen.append(held(store, me, a))
        with store.writing() as conn:
            marks.undo(conn, me.id)

    assert seen == [set(), {"down", "save"}, {"up", "save"}, {"up"}, set()]


def test_marks_and_what_was_shown_follow_a_paper_through_merge_and_split(store: Store) -> None:
    """Joined papers have the marks of both, the newer word where they differ, and each gets its own back."""
    a, b = put(store, item(A), item(B))
    me = new_reader(store, "me")
    say(store, me, a, "up", 1)
    say(store, me, a, "note", 1, "of a")
    say(store, me, b, "down", 2)
    say(store, me, b, "note", 2, "of b")
    with store.writing() as conn:
        shown.record(conn, me.id, [Shown(b, "2025-11-20", "web", NOW, 1, 0.5)])

    join(store, a, b)

    with store.reading() as conn:
        said = [(m.kind, m.text) for m in marks.standing(conn, me.id, papers=[a])]
        assert said == [("note", "of b"), ("down", None), ("note", "of a")]
        assert set(shown.among(conn, me.id, [a])) == {a}

    kept, taken = take_apart(store)

    assert (held(store, me, kept), held(store, me, taken)) == ({"up", "note"}, {"down", "note"})
    with store.reading() as conn:
        assert set(shown.among(conn, me.id, [kept, taken])) == {taken}
    assert backup.check(store) == []


def test_votes_of_readers_are_signals(store: Store) -> None:
    """The count of readers who hold a paper up is its newest signal, and a series over time; a reader counts once."""
    a, b = put(store, item(A), item(B))
    ann, bob = new_reader(store, "ann"), new_reader(store, "bob")
    say(store, ann, a, "up", 1)
    say(store, bob, a, "up", 2)
    say(store, bob, b, "up", 2)
    say(store, ann, a, "down", 3)
    with store.reading() as conn:
        assert signals.latest(conn, [a, b]) == {i: {("broadsheet", "upvotes"): 1} for i in (a, b)}
        assert [(s.at - NOW, s.value) for s in signals.series(conn, a)] == [(HOUR, 1), (2 * HOUR, 2), (3 * HOUR, 1)]

    join(store, a, b)

    with store.reading() as conn:
        assert votes.latest(conn, [a]) == {a: 1}


def test_a_paper_is_shown_as_new_once(store: Store) -> None:
    """What was shown stays as it was shown, and a list stands as it stood."""
    a, b = put(store, item(A), item(B))
    me = new_reader(store, "me")
    first = Shown(a, "2025-11-20", "web", NOW, 2, 0.9, None, True, ("near x:9",))
    second = Shown(b, "2025-11-20", "web", NOW, 1, 0.8)
    with store.writing() as conn:
        shown.record(conn, me.id, [first, second])
        shown.record(conn, me.id, [replace(first, list="2025-11-21", channel="mail", rank=1)])
        assert shown.in_list(conn, me.id, "2025-11-20") == [second, first]
        assert shown.in_list(conn, me.id, "2025-11-21") == []
        assert shown.last_list(conn, me.id) == "2025-11-20"
        assert shown.forget(conn, me.id, NOW) == 2
        assert shown.count(conn, me.id) == 0


def test_interests_keep_their_order_and_their_profile(store: Store) -> None:
    """What a reader wrote comes back whole, and a model goes with its interest."""
    me = new_reader(store, "me")
    profile = Profile(seeds=("x:1",), about=("bees",), exclude=("survey",), terms=(("hive", 2.0),), most=5, least=0.25)
    with store.writing() as conn:
        bees = interests.add(conn, me.id, "bees", profile, NOW)
        tides = interests.add(conn, me.id, "tides", Profile(), NOW, share=2.0)
        interests.change(conn, replace(tides, name="sea"), NOW + HOUR)
        learnt = interests.Learnt("basis", NOW, b"\x00model", {"marks": 3})
        interests.keep(conn, bees.id, learnt)
        interests.keep(conn, bees.id, learnt)
        assert [i.name for i in interests.of(conn, [me.id])] == ["bees", "sea"]
        assert interests.named(conn, me.id, "bees") == bees
        assert interests.learnt(conn, [bees.id, tides.id]) == {bees.id: learnt}
        interests.remove(conn, bees.id)
        assert interests.learnt(conn, [bees.id]) == {}


def test_removing_an_interest_keeps_the_marks(store: Store) -> None:
    """A mark that was given under an interest outlives it."""
    (a,) = put(store, item(A))
    me = new_reader(store, "me")
    with store.writing() as conn:
        bees = interests.add(conn, me.id, "bees", Profile(), NOW)
        marks.put(conn, me.id, [Mark(a, "up", NOW, interest_id=bees.id)])
        shown.record(conn, me.id, [Shown(a, "x", "web", NOW, 1, 0.5, bees.id)])
        interests.remove(conn, bees.id)
        assert [m.interest_id for m in marks.standing(conn, me.id)] == [None]
        assert shown.among(conn, me.id, [a])[a].interest_id is None


def test_nothing_is_left_of_a_removed_reader(store: Store) -> None:
    """Marks, interests, models and what was shown go with the reader, and the id is never given again."""
    (a,) = put(store, item(A))
    me, other = new_reader(store, "me"), new_reader(store, "other")
    say(store, me, a, "up")
    say(store, other, a, "up")
    with store.writing() as conn:
        made = interests.add(conn, me.id, "bees", Profile(), NOW)
        interests.keep(conn, made.id, interests.Learnt("b", NOW, b"", {}))
        shown.record(conn, me.id, [Shown(a, "x", "web", NOW, 1, 0.5)])
        readers.remove(conn, me.id, NOW)
        assert [r.name for r in readers.every(conn)] == ["other"]
        assert votes.latest(conn, [a]) == {a: 1}
        readers.remove(conn, other.id, NOW)
    assert new_reader(store, "me").id > other.id
    assert backup.check(store) == []


def test_what_is_a_readers_goes_to_another_library_and_comes_back(store: Store) -> None:
    """Marks with their past, interests and what was shown are the same after a removal and a return; twice is once."""
    a, b = put(store, item(A), item(B))
    me = new_reader(store, "me")
    say(store, me, a, "up", 1)
    say(store, me, a, "down", 2)
    with store.writing() as conn:
        bees = interests.add(conn, me.id, "bees", Profile(about=("bees",)), NOW, share=2.0)
        shown.record(conn, me.id, [Shown(b, "2025-11-20", "web", NOW, 1, 0.5, bees.id, why=("near x:1",))])
        pieces = list(personal.read(conn, me))
        readers.remove(conn, me.id, NOW)
        for piece in pieces * 2:
            assert personal.write(conn, piece) == []
        again = readers.named(conn, "me")
        assert again
        assert [(i.name, i.share, i.profile) for i in interests.of(conn, [again.id])] == [("bees", 2.0, bees.profile)]
        assert [s.why for s in shown.among(conn, again.id, [a, b]).values()] == [("near x:1",)]
        at = [{m.kind for m in marks.standing(conn, again.id, at=NOW + hour * HOUR)} for hour in (0, 1, 3)]
    assert at == [set(), {"up"}, {"down"}]


def test_digests_and_wishes_go_along_as_an_export_writes_them(store: Store) -> None:
    """A file has them whole; where it is taken in the address is asked again, and what was said there stays."""
    me = new_reader(store, "me")
    liked = Preferences("dark", "titles", keys=False, language="de")
    wanted = Delivery(me.id, True, "me@example.org", NOW, "weekly", 4, time(18, 30), ("authors", "interests"), 9, NOW)
    got = Digest(me.id, "2025-11-20", NOW.date(), None, NOW, "empty", "", '{"note":"a holiday"}', "ab" * 32)
    with store.writing() as conn:
        readers.prefer(conn, me.id, liked)
        deliveries.put(conn, wanted)
        digests.add(conn, got)
        pieces = [load(orjson.loads(dump(piece))) for piece in personal.read(conn, me)]
        readers.remove(conn, me.id, NOW)
        for piece in pieces * 2:
            assert personal.write(conn, piece) == []
        again = readers.named(conn, "me")
        assert again
        assert readers.preferences(conn, again.id) == liked
        assert deliveries.get(conn, again.id) == replace(wanted, reader_id=again.id, confirmed=None)
        assert digests.of(conn, again.id) == [replace(got, reader_id=again.id)]
        deliveries.put(conn, replace(wanted, reader_id=again.id, on=False))
        personal.write(conn, pieces[0])
        assert deliveries.get(conn, again.id) == replace(wanted, reader_id=again.id, on=False)


Step = tuple[MarkKind | str, int]
actions = st.lists(st.tuples(st.sampled_from([*marks.KINDS, "clear", "undo"]), st.integers(0, 1)), max_size=12)


@pytest.mark.slow
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=actions)
def test_undo_is_the_way_back_of_any_actions(store: Store, steps: list[Step]) -> None:
    """After any sequence of actions, each undo leads to what held before the action that it takes back."""
    with store.writing() as conn:
        ids = papers.apply(conn, [item(A), item(B)], NOW)
        me = readers.add(conn, f"r{readers.count(conn)}", NOW, display="", email=None, zone="", role="reader")

        def state() -> set[tuple[int, str, str | None]]:
            return {(m.paper_id, m.kind, m.text) for m in marks.standing(conn, me.id)}

        past = [state()]
        for kind, at in steps:
            if kind == "undo":
                marks.undo(conn, me.id)
                past = past[:-1] or past
            elif kind == "clear":
                if marks.take_back(conn, me.id, [ids[at]], NOW):
                    past.append(state())
            elif marks.put(conn, me.id, [Mark(ids[at], kind, NOW, text="t" if kind == "note" else None)]):  # type: ignore[arg-type]
                past.append(state())
            assert state() == past[-1]


@pytest.mark.slow
def test_the_order_that_was_seen_is_the_last_one_of_the_last_editions(store: Store) -> None:
    """Each reader has their own; of many editions those looked at last are kept, and nothing of a reader who goes."""
    ada, bo = new_reader(store, "ada"), new_reader(store, "bo")
    names = [f"2026-11-{day:02}" for day in range(1, own_orders.MOST + 2)]
    with store.writing() as conn:
        for hour, name in enumerate([*names, names[1]]):
            own_orders.put(conn, ada.id, name, [hour, 2, 1], NOW + hour * HOUR)
        own_orders.put(conn, bo.id, names[0], [7], NOW)
        kept = {name: own_orders.get(conn, ada.id, name) for name in names}
        assert kept[names[0]] == ()
        assert kept[names[1]] == (len(names), 2, 1)
        assert all(kept[name] for name in names[2:])
        assert own_orders.get(conn, bo.id, names[0]) == (7,)
        readers.remove(conn, bo.id, NOW)
        assert own_orders.get(conn, bo.id, names[0]) == ()
