"""An interest as one JSON file: out of one library, into another, or kept beside the reader's other files."""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import orjson
from msgspec import structs

from broadsheet.codec import profile_from_dict, profile_to_dict, time_to_text
from broadsheet.errors import BroadsheetError, FormatError
from broadsheet.library.handle import Library, Progress, no_progress
from broadsheet.library.interest.profiles import InterestView, add_interest, find_interest, learnt_of
from broadsheet.library.readers import find_reader
from broadsheet.rank.profile import Said
from broadsheet.types import Drop, Mark, Profile
from broadsheet.words import said as speech

VERSION: Final = 1


def export_interest(lib: Library, reader: str | None, name: str) -> dict[str, Any]:
    """An interest as one JSON object: what was said, and the marks that teach it. `import_interest` takes it back."""
    from broadsheet.store import papers

    who, interest = find_interest(lib, reader, name)
    known = learnt_of(lib, lib.stream.space(), who).get(interest.id)
    examples = known.examples if known else {}
    with lib.store.reading() as conn:
        keys = {i: paper.key for i, paper in papers.by_ids(conn, list(examples))}
    told = sorted((e.at, keys[i], "up" if e.label > 0 else "down") for i, e in examples.items() if e.at is not None)
    return {
        "broadsheet_interest": VERSION,
        "name": interest.name,
        "share": interest.share,
        "profile": profile_to_dict(interest.profile),
        "marks": [[key, kind, time_to_text(at)] for at, key, kind in told],
    }


def import_interest(
    lib: Library, reader: str | None, file: Path, *, name: str | None = None, progress: Progress = no_progress
) -> InterestView:
    """Take in what `export_interest` wrote; seeds that the library lacks are asked for, marks on others are dropped.

    Raises FormatError for another file, UsageError for a name that is taken.
    """
    from broadsheet.store import interests, marks, papers

    given = _read(file)
    who = find_reader(lib, reader)
    said = Said(papers=given.profile.seeds, share=given.share)
    made = add_interest(lib, who.name, name or given.name, said, progress)
    with lib.store.writing() as conn:
        profile = structs.replace(given.profile, seeds=made.interest.profile.seeds)
        interest = interests.change(conn, structs.replace(made.interest, profile=profile), lib.now())
        ids = papers.ids(conn, [key for key, _ in given.marks])
        held = {m.paper_id for m in marks.standing(conn, who.id, kinds=("up", "save", "down"))}
        fresh = [structs.replace(m, paper_id=ids[key], interest_id=interest.id) for key, m in given.marks if key in ids]
        marks.insert(conn, who.id, [m for m in fresh if m.paper_id not in held])
    reason = speech.said("a mark on a paper that is not in the library")
    lost = [Drop("interest", key, reason) for key, _ in given.marks if key not in ids]
    return replace(made, interest=interest, dropped=(*made.dropped, *lost))


@dataclass(frozen=True, slots=True)
class _Given:
    """What a file holds; marks with the keys of their papers."""

    name: str
    share: float
    profile: Profile
    marks: tuple[tuple[str, Mark], ...]


def _read(file: Path) -> _Given:
    try:
        doc = orjson.loads(file.expanduser().read_bytes())
        version, marks = doc["broadsheet_interest"], tuple(map(_mark, doc["marks"]))
        given = _Given(str(doc["name"]), float(doc["share"]), profile_from_dict(doc["profile"]), marks)
    except OSError as e:
        raise BroadsheetError(
            f"file {file}", f"cannot be read ({e.strerror or e})", "name one that `broadsheet interest export` wrote"
        ) from e
    except (ValueError, KeyError, TypeError, IndexError) as e:
        said = type(e) is ValueError  # the others speak of Python and of bytes
        cause = "is no interest that was exported" + (f" ({e})" if said else "")
        raise FormatError(f"file {file}", cause, "`broadsheet interest export` writes one", permanent=True) from e
    if version != VERSION:
        cause = f"has version {version}, and {VERSION} is known here"
        raise FormatError(f"file {file}", cause, "read it with a newer Broadsheet", permanent=True)
    return given


def _mark(row: Any) -> tuple[str, Mark]:
    key, kind, at = row
    if kind not in ("up", "down"):
        raise ValueError(f"{kind!r} is no mark of an interest")
    when = datetime.fromisoformat(at)
    if when.tzinfo is None:
        raise ValueError(f"{at} has no zone")
    return str(key), Mark(0, kind, when)
