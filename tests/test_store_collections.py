"""Collections and saved searches in both databases: order, the way back, papers that are joined, readers who go."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from broadsheet.store import Store, backup, collections, marks, papers, personal, readers, searches, undo
from broadsheet.types import Collection, Mark, Reader
from tests.stores import NOW, item, paper, put
from tests.test_store_readers import A, B, C, join, new_reader, take_apart


def new_collection(store: Store, who: Reader, name: str = "bees", *ids: int, saved: bool = False) -> Collection:
    """A collection with papers in it."""
    with store.writing() as conn:
        made = collections.create(conn, who.id, name, NOW, saved=saved)
        collections.put(conn, made, ids, NOW, as_made=True)
    return made


def inside(store: Store, there: Collection) -> list[int]:
    """The papers of a collection, in its order."""
    with store.reading() as conn:
        return [m.paper_id for m in collections.members(conn, there)]


def test_papers_stand_as_the_reader_puts_them(store: Store) -> None:
    """What is added comes last, what is there already stays, and any order can be set."""
    a, b, c = put(store, item(A), item(B), item(C))
    there = new_collection(store, new_reader(store, "me"), "bees", b, a)
    with store.writing() as conn:
        assert collections.put(conn, there, [a, c], NOW) == 1
        assert [m.paper_id for m in collections.members(conn, there)] == [b, a, c]
        assert collections.arrange(conn, there, [c, b, a], NOW)
        assert not collections.arrange(conn, there, [c, b, a], NOW)
        assert collections.take_out(conn, there, [b, 99], NOW) == 1
        assert collections.counts(conn, [there]) == {there.id: 2}
    assert inside(store, there) == [c, a]


Order = st.permutations(list(range(1, 8)))


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(first=Order, second=Order, known=st.integers(0, 7))
def test_an_order_needs_few_new_places(first: list[int], second: list[int], known: int) -> None:
    """Any order comes about, papers without a place get one, and moving one paper moves one place."""
    held = {i: float(at) for at, i in enumerate(first[:known])}
    changed = collections.new_places(second, held)
    placed = {**held, **changed}

    assert sorted(second, key=lambda i: placed[i]) == second
    assert len(set(placed.values())) == len(placed)
    if known == 7:
        moved = [*first[1:], first[0]]
        assert len(collections.new_places(moved, held)) == 1


def test_places_that_are_too_near_are_numbered_anew() -> None:
    """After many moves between two papers all places are whole again."""
    held = {1: 1.0, 2: 2.0, 3: 3.0}
    for turn in range(60):
        order = sorted(held, key=lambda i: held[i])
        order.insert(1, order.pop())
        held |= collections.new_places(order, held)
        assert sorted(held, key=lambda i: held[i]) == order, turn


@pytest.mark.slow
def test_each_undo_takes_one_action_back_whatever_it_was(store: Store) -> None:
    """Marks, papers, names, deletions and searches are undone in the way back of their order, though no time passed."""
    a, b = put(store, item(A), item(B))
    me = new_reader(store, "me")
    there = new_collection(store, me, "bees", a)
    with store.writing() as conn:
        marks.put(conn, me.id, [Mark(b, "up", NOW)])
        collections.put(conn, there, [b], NOW)
        collections.arrange(conn, there, [b, a], NOW)
        named = collections.describe(conn, there, "wasps", "they sting", NOW)
        searches.create(conn, me.id, "stings", "sting", "keyword", NOW)
        collections.take_out(conn, there, [a], NOW)
        collections.remove(conn, named, NOW)

    def state() -> tuple[object, ...]:
        with store.reading() as conn:
            own = [(c.name, c.note, inside(store, c)) for c in collections.of(conn, me.id)]
            return own, [s.name for s in searches.of(conn, me.id)], len(marks.standing(conn, me.id))

    seen = []
    for _ in range(9):
        seen.append(state())
        with store.writing() as conn:
            last = undo.undo(conn, me.id)
    assert last is None
    assert seen == [
        ([], ["stings"], 1),
        ([("wasps", "they sting", [b])], ["stings"], 1),
        ([("wasps", "they sting", [b, a])], ["stings"], 1),
        ([("wasps", "they sting", [b, a])], [], 1),
        ([("bees", "", [b, a])], [], 1),
        ([("bees", "", [a, b])], [], 1),
        ([("bees", "", [a])], [], 1),
        ([("bees", "", [a])], [], 0),
        ([], [], 0),
    ]


def test_what_is_saved_is_what_is_marked_so(store: Store) -> None:
    """The mark alone says what is among the saved papers; where they stand can be set all the same."""
    a, b, c = put(store, item(A), item(B), item(C))
    me = new_reader(store, "me")
    saved = new_collection(store, me, "Saved", saved=True)
    with store.writing() as conn:
        for one in (a, b, c):
            marks.put(conn, me.id, [Mark(one, "save", NOW)])
    assert inside(store, saved) == [c, b, a]
    with store.writing() as conn:
        collections.arrange(conn, saved, [a, c, b], NOW)
        marks.take_back(conn, me.id, [c], NOW, ["save"])
    assert inside(store, saved) == [a, b]
    with store.writing() as conn:
        marks.put(conn, me.id, [Mark(c, "save", NOW)])
        assert collections.counts(conn, [saved]) == {saved.id: 3}
    assert inside(store, saved) == [a, c, b]


def test_a_collection_follows_papers_through_merge_and_split(store: Store) -> None:
    """Joined papers stand once, at the first place of both, and each is in it again when they are taken apart."""
    a, b, c = put(store, item(A), item(B), item(C))
    there = new_collection(store, new_reader(store, "me"), "bees", b, c, a)
    join(store, a, b)
    assert inside(store, there) == [a, c]
    with store.writing() as conn:
        collections.arrange(conn, there, [c, a], NOW)
        assert collections.counts(conn, [there]) == {there.id: 2}

    kept, taken = take_apart(store)

    assert inside(store, there)[0] == c
    assert set(inside(store, there)) == {c, kept, taken}
    assert backup.check(store) == []


def test_nothing_of_a_removed_reader_is_left(store: Store) -> None:
    """Collections, what was in them and searches go with their reader, those of others stay."""
    (a,) = put(store, item(A))
    me, other = new_reader(store, "me"), new_reader(store, "other")
    new_collection(store, me, "bees", a)
    kept = new_collection(store, other, "bees", a)
    with store.writing() as conn:
        searches.create(conn, me.id, "x", "x", "hybrid", NOW)
        readers.remove(conn, me.id, NOW)
        assert collections.of(conn, me.id) == []
        assert searches.of(conn, me.id) == []
    assert inside(store, kept) == [a]
    assert backup.check(store) == []


def test_collections_and_searches_go_to_another_library_and_come_back(store: Store) -> None:
    """Names, notes, order and times are the same after a removal and a return, for nobody else; twice is once."""
    a, b = put(store, item(A), item(B))
    me = new_reader(store, "me")
    there = new_collection(store, me, "bees", b, a)
    saved = new_collection(store, me, "Saved", saved=True)
    with store.writing() as conn:
        marks.put(conn, me.id, [Mark(a, "save", NOW), Mark(b, "save", NOW)])
        collections.arrange(conn, saved, [b, a], NOW)
        collections.share(conn, replace(there, sharing="lab", secret="s"))
        made = searches.create(conn, me.id, "stings", "sting", "keyword", NOW)
        searches.change(conn, replace(made, muted=True, secret="t"))
        pieces = list(personal.read(conn, me))
        readers.remove(conn, me.id, NOW)
        for piece in pieces * 2:
            assert personal.write(conn, piece) == []
        again = readers.named(conn, "me")
        assert again
        own = {c.name: (c.saved, c.sharing, c.secret) for c in collections.of(conn, again.id)}
        orders = [[m.paper_id for m in collections.members(conn, c)] for c in collections.of(conn, again.id)]
        found = [(s.name, s.query, s.mode, s.muted, s.secret) for s in searches.of(conn, again.id)]
    assert own == {"Saved": (True, "private", None), "bees": (False, "private", None)}
    assert orders == [[b, a], [b, a]]
    assert found == [("stings", "sting", "keyword", True, None)]


steps = st.lists(st.tuples(st.sampled_from(["put", "out", "turn", "name", "undo"]), st.integers(0, 2)), max_size=10)


@pytest.mark.slow
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
def test_undo_is_the_way_back_of_any_actions(store: Store, steps: list[tuple[str, int]]) -> None:
    """After any sequence of actions, each undo leads to what there was before the action that it takes back."""
    with store.writing() as conn:
        ids = papers.apply(conn, [item(A), item(B), item(paper("x:3"))], NOW)
        me = readers.add(conn, f"r{readers.count(conn)}", NOW, display="", email=None, zone="", role="reader")
        there = collections.create(conn, me.id, "bees", NOW)

        def state() -> tuple[str, list[int]]:
            (now,) = collections.of(conn, me.id)
            return now.name, [m.paper_id for m in collections.members(conn, now)]

        past = [state()]
        for what, at in steps:
            order = state()[1]
            if what == "undo":
                if len(past) > 1:
                    undo.undo(conn, me.id)
                    past.pop()
            elif (
                (what == "put" and collections.put(conn, there, [ids[at]], NOW))
                or (what == "out" and collections.take_out(conn, there, [ids[at]], NOW))
                or (what == "turn" and collections.arrange(conn, there, [*order[at:], *order[:at]], NOW))
            ):
                past.append(state())
            elif what == "name" and len(past) == 1:
                (now,) = collections.of(conn, me.id)
                if collections.describe(conn, now, f"n{at}", "", NOW) != now:
                    past.append(state())
            assert state() == past[-1]


def test_what_was_deleted_long_ago_is_gone(store: Store) -> None:
    """After thirty days the rows of what was deleted or taken out are not kept any longer."""
    a, b = put(store, item(A), item(B))
    me = new_reader(store, "me")
    old, there = new_collection(store, me, "old", a), new_collection(store, me, "new", a)
    with store.writing() as conn:
        collections.remove(conn, old, NOW)
        collections.take_out(conn, there, [a], NOW)
        collections.put(conn, there, [b], NOW + collections.KEPT * 2)
        undone = undo.undo(conn, me.id)
        assert undone
        assert undone.collections == ("new",)
    assert inside(store, there) == []
