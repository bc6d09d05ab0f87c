"""Files opened as they are: plain, gzip or Zstandard, told apart by their first bytes.

A file that ends in the middle, or cannot be read further, ends here like any other file: readers see the bytes up
to there and `OpenedFile.fault` says what was wrong, so that a good million records is not lost to a bad end.
"""

import io
import re
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Protocol

from broadsheet.errors import FormatError, NotFound
from broadsheet.words.said import said

BUFFER = 1 << 18
"""Bytes read ahead: detection looks at as many, so a first page of any listing fits in."""

# A Zstandard block is at most 128 KB large and may be 4 bytes small, so what is inflated at once stays bounded.
_COMPRESSED_CHUNK = 1 << 14

_PADDING = b"\0"  # allowed after each member

# https://datatracker.ietf.org/doc/html/rfc8878: a frame of data, or one to be passed over, with which pzstd begins
_ZSTD = re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18")


class _Inflater(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, /) -> bytes: ...


class _Plain(io.RawIOBase):
    """The bytes of a file until its end or its fault."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.fault: str | None = None

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self._file.close()
        super().close()

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill the whole buffer unless the file ends: `peek` then shows as much as there is."""
        filled = 0
        while filled < len(buffer) and (data := self._next(len(buffer) - filled)):
            buffer[filled : filled + len(data)] = data
            filled += len(data)
        return filled

    def _next(self, size: int) -> bytes:
        try:
            return self._file.read(size)
        except OSError as e:
            self.fault = said("cannot be read further (%(why)s)", why=e.strerror or str(e))
            return b""


class _Packed(_Plain):
    """The bytes inside a compressed file, which may be several one after the other."""

    def __init__(self, file: BinaryIO, kind: str, make: Callable[[], _Inflater]) -> None:
        super().__init__(file)
        self._kind, self._make = kind, make
        self._inflater = make()
        self._packed = self._ready = b""
        self._fresh = True

    def _next(self, size: int) -> bytes:
        while not self._ready and not self.fault and self._inflate():
            pass
        data, self._ready = self._ready[:size], self._ready[size:]
        return data

    def _inflate(self) -> bool:
        while not self._packed and (read := super()._next(_COMPRESSED_CHUNK)):
            self._packed = read.lstrip(_PADDING) if self._fresh else read
        if not self._packed:
            if not self._fresh and not self.fault:
                self.fault = said("the file ends early: its %(kind)s data are cut off", kind=self._kind)
            return False
        try:
            self._ready = self._inflater.decompress(self._packed)
        except Exception as e:
            if not isinstance(e, zlib.error | _zstd_error()):
                raise
            self.fault = said(
                "the file ends early: its %(kind)s data are broken (%(why)s)", kind=self._kind, why=str(e)
            )
            return False
        self._fresh, self._packed = False, b""
        if self._inflater.eof:
            self._packed = self._inflater.unused_data.lstrip(_PADDING)
            self._inflater, self._fresh = self._make(), True
        return True


class OpenedFile(io.BufferedReader):
    """A file's own bytes, whatever it is packed in; `fault` says after the end if the end came too early."""

    def __init__(self, source: _Plain) -> None:
        super().__init__(source, BUFFER)
        self._source = source

    @property
    def fault(self) -> str | None:
        return self._source.fault


def open_file(path: Path) -> OpenedFile:
    """Open a plain, gzip or Zstandard file for reading. Raises NotFound or FormatError where it cannot be opened."""
    try:
        file = path.open("rb")
    except FileNotFoundError as e:
        raise NotFound(str(path), "there is no such file", "look at its name and its folder") from e
    except IsADirectoryError as e:
        raise FormatError(str(path), "it is a folder", "name the files in it", permanent=True) from e
    except (OSError, ValueError) as e:
        cause = f"it cannot be opened ({getattr(e, 'strerror', None) or e})"
        raise FormatError(str(path), cause, "let it be read, or name another", permanent=True) from e
    return OpenedFile(_unpacked(file))


def _unpacked(file: io.BufferedReader) -> _Plain:
    try:
        magic = file.peek(4)[:4]
    except OSError:
        magic = b""
    if magic.startswith(b"\x1f\x8b"):
        return _Packed(file, "gzip", lambda: zlib.decompressobj(wbits=31))
    if _ZSTD.match(magic):
        return _Packed(file, "Zstandard", _zstd_inflater)
    return _Plain(file)


def _zstd_inflater() -> _Inflater:
    from zstandard import ZstdDecompressor

    return ZstdDecompressor().decompressobj()


def _zstd_error() -> type[Exception]:
    from zstandard import ZstdError

    return ZstdError
