"""A second process of ours: whether it would have a core of its own, and what starts it."""

import os
import sys


def has_core() -> bool:
    """Whether there is a core beside that of this process, and a Python that can be started on it."""
    many = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return bool(sys.executable) and many > 1


def command_of(module: str, *arguments: str) -> list[str]:
    """What starts a module of ours. The folder in which the command was typed may hold an orjson.py, so it is no place
    to import from.
    """
    return [sys.executable, "-P", "-m", module, *arguments]
