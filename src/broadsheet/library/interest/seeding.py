"""Papers to start an interest from: named by key, id or address, held in a file of references, or by an author."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from broadsheet import identity
from broadsheet.errors import BroadsheetError
from broadsheet.library.handle import Library, Progress, no_progress
from broadsheet.library.harvest.ingest import Counts, ingest
from broadsheet.library.index import catch_up
from broadsheet.text import canonical_id
from broadsheet.types import Drop, Record
from broadsheet.words import failure
from broadsheet.words.said import Said, said

if TYPE_CHECKING:
    from broadsheet.sources.formats import Exported
    from broadsheet.store import Connection

MOST_OF_AN_AUTHOR = 30
"""Papers under one name from which on it is likely to be several people, and says nothing of a topic."""

MOST_ASKED = 200
"""Papers of one reader's file that arXiv is asked for; three seconds a page, and nobody else harvests meanwhile."""

_CHUNK = 500


@dataclass(slots=True)
class Seeds:
    """Keys of papers, all in the library now, how many of them came on the way, and what could not be had and why."""

    keys: list[str] = field(default_factory=list)
    fetched: int = 0
    dropped: list[Drop] = field(default_factory=list)

    def add(self, other: "Seeds") -> None:
        """Take in others."""
        self.keys += other.keys
        self.fetched += other.fetched
        self.dropped += other.dropped


def named(lib: Library, names: Sequence[str], progress: Progress = no_progress) -> Seeds:
    """Papers by key, id or address; an arXiv paper that the library lacks is asked for, and stays in it."""
    wanted = {name: canonical_id(name) or name for name in names}
    seeds = Seeds(fetched=0)
    found = _keys(lib, wanted.values())
    lacking = [id for id in dict.fromkeys(wanted.values()) if id not in found]
    if askable := [id for id in lacking if id.startswith("arxiv:")]:
        seeds.dropped += _fetch(lib, askable, progress)
        found |= _keys(lib, askable)
        seeds.fetched = sum(id in found for id in askable)
    told = {drop.at for drop in seeds.dropped}
    for name, id in wanted.items():
        if id in found:
            seeds.keys.append(found[id])
        elif id not in told:
            seeds.dropped.append(Drop("seed", name, said("no paper of the library, and no arXiv id to ask for")))
    return seeds


def of_file(
    lib: Library, file: str, progress: Progress = no_progress, *, format: str | None = None, who: str = "interest"
) -> Seeds:
    """The papers of a BibTeX, RIS, CSL-JSON or any other file that `import` reads; they stay in the library.

    `who` holds the library meanwhile. Raises FormatError where the file cannot be read.
    """
    from broadsheet.library.harvest.reload import reload
    from broadsheet.sources.formats import Exported, read
    from broadsheet.store import writer_lock

    seeds, counts = Seeds(), Counts()
    lib.make_home()
    with writer_lock(lib.home, f"broadsheet {who}"):
        items = read(Path(file).expanduser(), format, now=lib.now())
        while chunk := list(islice(items, _CHUNK)):
            seeds.dropped += [item for item in chunk if isinstance(item, Drop)]
            records = [item for item in chunk if isinstance(item, Record)]
            exported = [item for item in chunk if isinstance(item, Exported)]
            with lib.store.writing() as conn:
                counts += ingest(conn, records, lib.now())
                seeds.keys += [key for record in records if (key := _key_of(lib, conn, record))]
                if exported:
                    counts += reload(conn, exported, lib.now())
                    seeds.keys += [item.paper.key for item in exported]
        seeds.fetched = counts.new
        catch_up(lib, progress, learn=False)
    _tell_of_the_end_first(seeds)
    return seeds


def recognise(lib: Library, file: str, progress: Progress = no_progress, *, format: str | None = None) -> Seeds:
    """The papers of a file that the library has, and those that arXiv can be asked for.

    Nothing that the file says of a paper is taken in: what all read is not for each reader to write. Raises FormatError
    where the file cannot be read.
    """
    from broadsheet.sources.formats import Exported, read

    names: dict[str, None] = {}
    dropped: list[Drop] = []
    with lib.store.reading() as conn:
        for item in read(Path(file).expanduser(), format, now=lib.now()):
            if isinstance(item, Drop):
                dropped.append(item)
            elif isinstance(item, Record | Exported):
                work = item if isinstance(item, Record) else item.paper
                name = _known_name(lib, conn, item)
                if name is not None:
                    names[name] = None
                else:
                    dropped.append(
                        Drop("seed", work.title[:100], said("is not in the library; an editor can take it in"))
                    )
    lacking = [name for name in names if name.startswith("arxiv:") and name not in _keys(lib, [name])]
    for name in lacking[MOST_ASKED:]:
        dropped.append(
            Drop("seed", name, said("is one of more than %(most)s that arXiv would be asked for", most=MOST_ASKED))
        )
        del names[name]
    seeds = named(lib, list(names), progress)
    seeds.dropped += dropped
    _tell_of_the_end_first(seeds)
    return seeds


def by_author(lib: Library, name: str) -> Seeds:
    """The library's papers by someone; none where there are too many under that name for one person."""
    from broadsheet.store import papers

    ids = lib.engine.matching_ids(f'author:"{name.replace(chr(34), " ")}"', MOST_OF_AN_AUTHOR + 1)
    if len(ids) > MOST_OF_AN_AUTHOR:
        reason = said(
            "more than %(most)s papers have that name, perhaps of several people, so none is a seed",
            most=MOST_OF_AN_AUTHOR,
        )
        return Seeds(dropped=[Drop("seed", name, reason)])
    with lib.store.reading() as conn:
        return Seeds([paper.key for _, paper in papers.by_ids(conn, ids)])


def told(dropped: Iterable[Drop]) -> list[Said]:
    """What could not be had and why, a sentence for each."""
    return [said("%(subject)s: %(cause)s", subject=drop.at, cause=drop.reason) for drop in dropped]


def _tell_of_the_end_first(seeds: Seeds) -> None:
    """That a file ended early says most, and pages tell of the first drops alone."""
    seeds.dropped.sort(key=lambda drop: not drop.ends)


def _known_name(lib: Library, conn: "Connection", item: "Record | Exported") -> str | None:
    """The key of the stored paper that an item is about, else an arXiv id of it."""
    from broadsheet.store import papers

    if isinstance(item, Record):
        key, aliases = _key_of(lib, conn, item), identity.to_paper(item, lib.now()).aliases
    else:
        found = papers.get(conn, item.paper.aliases)
        key, aliases = next((paper.key for paper in found.values()), None), item.paper.aliases
    return key or next((alias for alias in aliases if alias.startswith("arxiv:")), None)


def _keys(lib: Library, ids: Iterable[str]) -> dict[str, str]:
    """The key of each paper that is here, by the id asked for."""
    from broadsheet.store import papers

    with lib.store.reading() as conn:
        found = papers.get(conn, list(ids))
    return {id: paper.key for id, paper in found.items()}


def _fetch(lib: Library, ids: Sequence[str], progress: Progress) -> list[Drop]:
    """Ask arXiv for papers; what it does not give, or that it cannot be reached, is a drop for each."""
    from broadsheet.net import Client
    from broadsheet.sources.arxiv_api import fetch_ids
    from broadsheet.store import writer_lock

    dropped: list[Drop] = []
    progress(said("asking arXiv"), 0, len(ids))
    with writer_lock(lib.home, "broadsheet interest"), Client(lib.settings, folder=lib.home) as client:
        try:
            for batch in fetch_ids(client.get, lib.settings, ids, lib.now()):
                dropped += batch.drops
                with lib.store.writing() as conn:
                    ingest(conn, batch.records, lib.now())
        except BroadsheetError as e:
            dropped += [Drop("seed", id, failure.told(e)) for id in ids]
        catch_up(lib, progress, learn=False)
    return dropped


def _key_of(lib: Library, conn: "Connection", record: Record) -> str | None:
    """The key under which a record that was taken in is stored now."""
    from broadsheet.store import papers

    news, blocks = identity.to_paper(record, lib.now()), identity.fingerprint(record)
    near = papers.lookup(conn, news.aliases, blocks)
    intent = identity.decide(news, near.known(news.aliases, blocks), near.distinct)
    return intent.paper.key if intent.action != "new" else None
