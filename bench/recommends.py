"""Lists for readers: what one costs, what ten thousand cost, and what teaching an interest costs, beside bare NumPy."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from bench import corpus
from bench.report import Table, ms, ratio
from broadsheet import config
from broadsheet.cli.options import calculate_singly
from broadsheet.library.handle import Library

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from broadsheet.library.interest.learn import Taught
    from broadsheet.library.interest.pool import Pool
    from broadsheet.library.interest.space import Space

NOTE = (
    "The product is what any linear model needs: the papers' dense columns and their terms with the weights of all "
    "interests of a reader. Processor time of one core, which other load spoils less than time on the clock."
)

PAPERS, INTERESTS, MARKS, READERS = 1_000, 5, 500, 10_000


@dataclass(frozen=True)
class Setting:
    """A library with a reader of several interests, and the papers of the days that lists are made of."""

    lib: Library
    space: "Space"
    models: "list[Taught]"
    pool: "Pool"
    days: tuple[date, date]


def run(*, quick: bool) -> Table:
    """One reader's list, ten thousand readers' lists, one interest learnt; in one thread, as where lists are made."""
    calculate_singly()
    setting = _setting(quick)
    many = 200 if quick else READERS
    bare = _time(lambda: _product(setting), 50)
    ranked = _time(lambda: _rank(setting), 20)
    whole = _time(lambda: _list(setting), 5 if quick else 20)
    all_bare = _time(lambda: [_product(setting) for _ in range(many)], 1)
    all_ranked = _time(lambda: [_rank(setting) for _ in range(many)], 1)
    learnt, solved = _learning(setting)
    rows = (
        ("matrix product, one reader", f"{ms(bare)} ms", "1.00x"),
        ("judged, blended and diversified, one reader", f"{ms(ranked)} ms", ratio(ranked, bare)),
        ("the whole list with reasons, from the store", f"{ms(whole)} ms", ratio(whole, bare)),
        (f"matrix products, {many:,} readers", f"{all_bare:.1f} s", "1.00x"),
        (f"judged, blended and diversified, {many:,} readers", f"{all_ranked:.1f} s", ratio(all_ranked, all_bare)),
        (f"an interest of {MARKS} marks, learnt (model alone)", f"{ms(solved)} ms", ""),
        (f"an interest of {MARKS} marks, learnt after one more mark", f"{ms(learnt)} ms", ""),
    )
    title = f"Recommendations: {len(setting.pool.ids):,} papers, {INTERESTS} interests"
    return Table(title, ("what", "processor time", "beside the product"), rows, NOTE)


def _time(work: Callable[[], object], rounds: int) -> float:
    """Processor seconds of one round, the median of all."""
    spent = []
    for _ in range(rounds):
        began = time.process_time()
        work()
        spent.append(time.process_time() - began)
    return sorted(spent)[len(spent) // 2]


def _product(setting: Setting) -> "NDArray[np.float32]":
    import numpy as np

    blocks = setting.pool.blocks
    out: NDArray[np.float32] = blocks.dense @ np.stack([taught.model.dense for taught in setting.models], axis=1)
    for number, taught in enumerate(setting.models):
        out[:, number] += blocks.terms.times(taught.model.term_weights(blocks.terms.width))
    return out


def _rank(setting: Setting) -> object:
    """What a list is made of once the store has told which papers are open: all of them, here."""
    import numpy as np

    from broadsheet.rank.blend import blend
    from broadsheet.rank.diversify import Variety

    pool = setting.pool
    judged = np.stack([taught.judge(pool.ids, pool.papers, pool.blocks)[1] for taught in setting.models])
    best = np.argsort(-judged, axis=1)[:, :200]
    listed = np.zeros(judged.shape, np.bool_)
    np.put_along_axis(listed, best, values=True, axis=1)
    some = np.flatnonzero(listed.any(axis=0))
    directions = setting.space.background.kernel.directions(pool.papers.take(some))
    return blend(judged[:, some], listed[:, some], [1.0] * len(judged), Variety(directions), 20)


def _list(setting: Setting) -> object:
    from broadsheet.library.interest.recommend import recommend
    from broadsheet.library.interest.recommendation import Ask

    first, last = setting.days
    return recommend(setting.lib, Ask("bench", first=first, last=last, preview=True))


def _learning(setting: Setting) -> tuple[float, float]:
    """Seconds from a mark to the new model, and those of the model alone, of an interest with MARKS marks."""
    import numpy as np

    from broadsheet.library.interest.profiles import add_interest, learnt_of
    from broadsheet.library.readers import find_reader
    from broadsheet.rank.interest import Examples, train
    from broadsheet.rank.profile import Said

    lib = setting.lib
    ids = list(lib.stream.pool(setting.space, *setting.days).ids)
    who = find_reader(lib, "student")
    add_interest(lib, "student", "one", Said())
    _mark(lib, who.id, ids[:MARKS], None)
    learnt_of(lib, setting.space, who)

    def once() -> None:
        nonlocal ids
        _mark(lib, who.id, [ids[MARKS]], None)
        ids = [*ids[:MARKS], *ids[MARKS + 1 :]]
        learnt_of(lib, setting.space, who)

    papers = lib.stream.features(setting.space, ids[:MARKS])
    labels = np.where(np.arange(len(papers)) % 4, 1, -1).astype(np.float32)
    examples = Examples(papers, labels, np.ones(len(papers), np.float32))
    return _time(once, 5), _time(lambda: train(examples, setting.space.background), 5)


def _setting(quick: bool) -> Setting:
    from broadsheet.library.interest.profiles import learnt_of
    from broadsheet.library.readers import find_reader
    from broadsheet.store import interests, readers
    from broadsheet.types import Profile

    lib, days = _library(1_500 if quick else 5_000)
    with lib.store.writing() as conn:
        for name in ("bench", "student"):
            if there := readers.named(conn, name):
                readers.remove(conn, there.id, lib.now())
            readers.add(conn, name, lib.now(), display="", email=None, zone="", role="reader")
        bench = readers.named(conn, "bench")
        assert bench
        own = [interests.add(conn, bench.id, f"interest {i}", Profile(), lib.now()) for i in range(INTERESTS)]
    space = lib.stream.space()
    assert space
    pool = lib.stream.pool(space, *days)
    with lib.store.reading() as conn:
        from broadsheet.store import sample

        others = sorted(set(sample.every(conn)).difference(pool.ids))
    for number, interest in enumerate(own):
        _mark(lib, bench.id, others[number * 60 : number * 60 + 60], interest.id)
    models = list(learnt_of(lib, space, find_reader(lib, "bench")).values())
    return Setting(lib, space, models, pool, days)


def _mark(lib: Library, reader_id: int, papers: Sequence[int], interest_id: int | None) -> None:
    from broadsheet.store import marks
    from broadsheet.types import Mark

    with lib.store.writing() as conn:
        said = [Mark(i, "up" if i % 4 else "down", lib.now(), None, interest_id) for i in papers]
        marks.put(conn, reader_id, said)


def _library(rows: int) -> tuple[Library, tuple[date, date]]:
    """The newest listings, so many of them, and the days whose papers are just more than PAPERS."""
    from broadsheet.library.harvest.import_ import import_files
    from broadsheet.store import editions

    home = corpus.SCRATCH / f"readers-{rows}"
    lib = Library(config.load({}, home=home, options={"encoder": "wordllama"}))
    if lib.store.is_empty():
        import_files(lib, [str(_newest(rows, home))])
    with lib.store.reading() as conn:
        days = editions.days(conn, date.min, date.max)
    count, first = 0, days[-1].day
    for day in reversed(days):
        count, first = count + day.papers, day.day
        if count >= PAPERS:
            break
    return lib, (first, days[-1].day)


def _newest(rows: int, home: Path) -> Path:
    home.mkdir(parents=True, exist_ok=True)
    path = home / "papers.jsonl"
    every = sorted(corpus.listing_rows(), key=lambda row: (row["day"], row["id"]))
    path.write_text("".join(json.dumps(row) + "\n" for row in every[-rows:]), encoding="utf-8")
    return path
