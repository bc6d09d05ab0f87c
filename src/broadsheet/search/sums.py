"""Checksums noted beside files when they were made.

What is lost or cut off is told by a look at the files, other bytes by reading them.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from zlib import crc32

from broadsheet.search.files import replace_file

_NOTED = "sums.json"
_BLOCK = 1 << 20


def note(folder: Path, names: Sequence[str]) -> None:
    """Note the sizes and checksums of these files of a folder."""
    sizes = {name: (folder / name).stat().st_size for name in names}
    told = {name: (size, checksum(folder / name, size)) for name, size in sizes.items()}
    replace_file(folder / _NOTED, json.dumps(told).encode())


def faults(folder: Path, names: Sequence[str], *, whole: bool) -> Iterator[str | PermissionError]:
    """What is wrong with these files, a few words each, or why one may not be read; where nothing was noted, only what
    is not there. `whole`: all of them are read.
    """
    try:
        noted = _read(folder)
    except PermissionError as e:
        yield e
        noted = {}
    except (ValueError, TypeError, AttributeError):
        yield f"{_NOTED} is not what was written"
        noted = {}
    for name in names:
        path = folder / name
        try:
            size = path.stat().st_size
            length, told = noted.get(name, (size, None))
            if size != length or (whole and told is not None and checksum(path, size) != told):
                yield f"{name} is not what was written"
        except FileNotFoundError:
            yield f"{name} is missing"
        except PermissionError as e:
            yield e
        except OSError as e:
            yield f"{name} cannot be read ({e.strerror or e})"


def checksum(path: Path, length: int) -> int:
    """The checksum of a file's first bytes; -1 where it has fewer."""
    found, left = 0, length
    with path.open("rb") as file:
        while left and (block := file.read(min(_BLOCK, left))):
            found, left = crc32(block, found), left - len(block)
    return found if not left else -1


def _read(folder: Path) -> dict[str, tuple[int, int | None]]:
    try:
        tree = json.loads((folder / _NOTED).read_bytes())
    except FileNotFoundError:
        return {}
    return {str(name): (int(size), int(told)) for name, (size, told) in tree.items()}
