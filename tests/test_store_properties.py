"""Any sequence of new, changed, merged and split papers leaves a library in which everything agrees."""

from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from sqlalchemy import delete, update

from broadsheet.store import Store, backup, outbox, papers
from broadsheet.store.schema import metadata
from broadsheet.store.schema.papers import counter
from broadsheet.types import Action, Intent, Paper
from tests.stores import NOW, block, paper

Step = tuple[str, int, int]

steps = st.lists(
    st.tuples(st.sampled_from(["new", "change", "merge", "merge into", "split"]), st.integers(0, 7), st.integers(0, 7)),
    max_size=14,
)


@dataclass
class World:
    """What the library should hold: each paper's parts by the paper's key."""

    parts: dict[str, list[Paper]] = field(default_factory=dict)
    made: int = 0

    def whole(self, key: str) -> Paper:
        own = self.parts[key]
        main = next(p for p in own if p.key == key)
        return replace(main, aliases=tuple(a for part in own for a in part.aliases))

    def stored(self, key: str, action: Action, absorbs: tuple[str, ...] = ()) -> papers.Stored:
        own = self.parts[key]
        intent = Intent(action, self.whole(key), tuple(own), "test", absorbs)
        return papers.stored(intent, [block(part.title) for part in own])

    def pick(self, number: int) -> str:
        return sorted(self.parts)[number % len(self.parts)]

    def new(self) -> papers.Stored:
        self.made += 1
        key = f"x:{self.made}"
        self.parts[key] = [paper(key, f"doi:{self.made}")]
        return self.stored(key, "new")

    def change(self, number: int, to: int) -> papers.Stored:
        key = self.pick(number)
        self.parts[key] = [replace(p, title=f"Title {to}") if p.key == key else p for p in self.parts[key]]
        return self.stored(key, "changed")

    def merge(self, one: int, two: int, *, into: bool) -> papers.Stored | None:
        a, b = self.pick(one), self.pick(two)
        if a == b:
            return None
        # `into`: the paper goes on under the key of the one that is absorbed.
        key = b if into else a
        self.parts[key] = self.parts.pop(a) + self.parts.pop(b)
        return self.stored(key, "merged", (b,))

    def split(self, one: int, two: int) -> tuple[papers.Stored, papers.Stored] | None:
        key = self.pick(one)
        own = self.parts[key]
        if len(own) < 2:
            return None
        taken = own[two % len(own)]
        kept = [p for p in own if p is not taken]
        del self.parts[key]
        kept_key = key if key != taken.key else kept[0].key
        self.parts |= {kept_key: kept, taken.key: [taken]}
        return self.stored(kept_key, "changed"), self.stored(taken.key, "new")

    def decide(self, kind: str, one: int, two: int) -> papers.Stored | None:
        if kind == "new" or not self.parts:
            return self.new()
        if kind == "change":
            return self.change(one, two)
        return self.merge(one, two, into=kind == "merge into")


def clear(store: Store) -> None:
    with store.writing() as conn:
        for table in reversed(metadata.sorted_tables):
            if table.name not in ("counter", "meta"):
                conn.execute(delete(table))
        conn.execute(update(counter).values(value=0))


def check(store: Store, world: World) -> None:
    """Every alias leads to its one paper, every part is where it belongs, and the outbox tells the same papers."""
    with store.reading() as conn:
        expected = {alias: world.whole(key) for key in world.parts for alias in world.whole(key).aliases}
        assert papers.get(conn, list(expected)) == expected
        ids = papers.ids(conn, list(world.parts))
        assert sorted(ids.values()) == [i for i, _ in papers.iterate_docs(conn)]
        assert {key: list(papers.known_by_id(conn, i).parts) for key, i in ids.items()} == world.parts
        live: set[int] = set()
        for change in outbox.since(conn, 0):
            (live.add if change.op == "put" else live.discard)(change.paper_id)
        assert live == set(ids.values())
        for key, own in world.parts.items():
            for part in own:
                near = papers.known(conn, [], [block(part.title)])
                assert key in [k.paper.key for k in near]
    assert backup.check(store) == []


@pytest.mark.slow
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(todo=steps)
def test_one_decision_at_a_time(store: Store, todo: list[Step]) -> None:
    """Each step in a transaction of its own."""
    clear(store)
    world = World()
    for kind, one, two in todo:
        with store.writing() as conn:
            if kind == "split" and world.parts:
                if pair := world.split(one, two):
                    papers.split(conn, *pair, NOW)
            elif decided := world.decide(kind, one, two):
                papers.merge(conn, decided, NOW)
    check(store, world)


@pytest.mark.slow
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=steps, todo=steps)
def test_many_decisions_in_one_chunk(store: Store, before: list[Step], todo: list[Step]) -> None:
    """Steps collected in a chunk, upon papers stored before and papers of the chunk, are the same as one by one."""
    clear(store)
    world = World()
    for some in (before, todo):
        with store.writing() as conn:
            near = papers.lookup(conn, [a for own in world.parts.values() for p in own for a in p.aliases], [])
            for kind, one, two in some:
                if kind != "split" and (decided := world.decide(kind, one, two)):
                    near.put(decided)
                    assert near.known([decided.intent.paper.key], [])[0].paper == decided.intent.paper
            papers.apply(conn, near.pending, NOW)
        check(store, world)


@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=steps, todo=steps)
def test_many_decisions_in_one_call(store: Store, before: list[Step], todo: list[Step]) -> None:
    """Steps handed over in one call without a chunk, in any order of papers, are the same as one by one."""
    clear(store)
    world = World()
    for some in (before, todo):
        decided = [world.decide(kind, one, two) for kind, one, two in some if kind != "split"]
        with store.writing() as conn:
            papers.apply(conn, [item for item in decided if item], NOW)
        check(store, world)
