"""Waiting for other processes, and for their end."""

from __future__ import annotations

import time
from collections.abc import Callable

import psutil


def alive(number: int) -> bool:
    """Whether a process still runs; a dead one that nobody has waited for does not."""
    try:
        return psutil.Process(number).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_for(condition: Callable[[], bool], seconds: float) -> None:
    """Wait until a condition holds; AssertionError if it does not in time."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds:.0f} s"
        time.sleep(0.05)
