"""The pace of asking one source: one request at a time, over one connection, with a pause between two."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import urllib3

from broadsheet.net.proxy import proxy_for

DAY = 86_400.0  # a longer pause in the note of another process is a clock that was wrong


class Group:
    """One request at a time and `interval` seconds between two, for one source over all its addresses."""

    def __init__(
        self,
        name: str,
        interval: float,
        clock: Callable[[], float],
        wait: Callable[[float], None],
        note: Path | None,
    ) -> None:
        self.name, self.interval, self._clock, self._wait, self._note = name, interval, clock, wait, note
        self._lock = threading.Lock()
        self._last = float("-inf")
        self._until = float("-inf")
        self._pools: dict[str, urllib3.PoolManager] = {}

    def hold(self, seconds: float) -> None:
        """Nobody asks for so many seconds from now."""
        self._until = max(self._until, self._clock() + seconds)
        self._remember()

    @contextmanager
    def turn(self, most: float) -> Iterator[float]:
        """Hold the group's one turn once the pause is over; gives the seconds left where they are more than `most`."""
        with self._alone():
            self._recall()
            now = self._clock()
            pause = min(max(self._last + self.interval - now, 0.0), self.interval)
            held = self._until - now if self._until - now < DAY else 0.0
            if held > most:
                yield held
                return
            self._wait(max(pause, held, 0.0))
            try:
                yield 0.0
            finally:
                self._last = self._clock()
                self._remember()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        while not self._lock.acquire(timeout=0.2):
            self._wait(0)
        try:
            if self._note is None:
                yield
            else:
                with _file_lock(self._note, self._wait):
                    yield
        finally:
            self._lock.release()

    def _recall(self) -> None:
        if self._note is None:
            return
        try:
            last, until = json.loads(self._note.read_text(encoding="ascii"))
            self._last, self._until = max(self._last, float(last)), max(self._until, float(until))
        except (OSError, ValueError, TypeError):
            return  # no note yet, or a torn one: only this process's own pace is known

    def _remember(self) -> None:
        if self._note is None:
            return
        try:
            self._note.write_text(json.dumps([max(self._last, 0.0), max(self._until, 0.0)]), encoding="ascii")
        except OSError:
            return  # a full disk is for the store to tell; until then only this process knows the pace

    def pool(self, url: str, proxies: Mapping[str, str]) -> urllib3.PoolManager:
        """The group's connections: at most one is open."""
        proxy = proxy_for(url, proxies)
        if proxy not in self._pools:
            self.close()
            options = {"num_pools": 1, "maxsize": 1, "cert_reqs": "CERT_REQUIRED"}
            self._pools[proxy] = (
                urllib3.ProxyManager(proxy, **options) if proxy else urllib3.PoolManager(**options)  # type: ignore[arg-type]
            )
        return self._pools[proxy]

    def close(self) -> None:
        for pool in self._pools.values():
            pool.clear()
        self._pools.clear()


@contextmanager
def _file_lock(note: Path, wait: Callable[[float], None]) -> Iterator[None]:
    from filelock import FileLock, Timeout

    lock = FileLock(note.with_suffix(".lock"))
    while True:
        try:
            lock.acquire(timeout=0.2)
            break
        except Timeout:
            wait(0)
    try:
        yield
    finally:
        lock.release()
