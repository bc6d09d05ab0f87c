"""Cores of the processor: whether a second process of ours would have one."""

import os
import sys


def one_to_spare() -> bool:
    """Whether there is a core beside this process's own, and a Python that can be started on it."""
    many = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return bool(sys.executable) and many > 1
