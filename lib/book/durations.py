"""Run times per chapter, in `results/<profile>/times.json`, for the status page and announcements.

No stage knows this file. It is in git for the profiles that ship, so a run elsewhere leaves it alone unless a
chapter took a time of another order; remove it before a run that is to be published. What this machine took
stands in `build/times/<profile>.json`.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
from pathlib import Path
from typing import Any

from filelock import FileLock

from lib.book import paths
from lib.book.results import dumps
from lib.files import write_text

FACTOR = 3.0
"""A time within this factor of the kept one leaves the file as it is: machines differ by less."""


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _gpus() -> list[str]:
    try:
        shown = subprocess.run(
            ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"],
            capture_output=True,
            text=True,
            timeout=20,
        )
    except (OSError, subprocess.TimeoutExpired):
        return []
    return (
        [line.strip() for line in shown.stdout.splitlines() if line.strip()] if shown.returncode == 0 else []
    )


def machine() -> str:
    """Description of this machine without its name: processor, cores, memory, GPUs."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    memory = ""
    if hasattr(os, "sysconf"):
        memory = f", {os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"
    gpus = _gpus()
    return f"{cores} cores of {_processor()}{memory}, {' + '.join(gpus) if gpus else 'no GPU'}"


def _read(path: Path) -> dict[str, dict[str, Any]]:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def load(profile: str, out: Path | None = None) -> dict[str, dict[str, Any]]:
    """Run times by chapter (`seconds`, `machine`) in the results; empty if there are none."""
    return _read((out or paths.out_of(profile)) / "results" / profile / "times.json")


def _here(profile: str) -> Path:
    return paths.ROOT / "build" / "times" / f"{profile}.json"


def keep(chapter: str, profile: str, seconds: float, out: Path) -> None:
    """Record the run time of a chapter; in the results only if it differs by more than FACTOR."""
    took = {"seconds": float(f"{seconds:.2g}"), "machine": machine()}
    here = _here(profile)
    here.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(here.with_suffix(".lock")):  # another page may end at the same moment
        write_text(here, dumps(_read(here) | {chapter: took}))
        known = load(profile, out)
        before = known.get(chapter, {}).get("seconds")
        if before is None or not before / FACTOR <= seconds <= before * FACTOR:
            write_text(out / "results" / profile / "times.json", dumps(known | {chapter: took}))


def known_seconds(stage: str, profile: str) -> float:
    """Last run time of a stage here, else the recorded one, in seconds; 0 if unknown."""
    known = _read(_here(profile)).get(stage) or load(profile).get(stage) or {}
    return float(known.get("seconds", 0.0))


def expectation(chapter: str, profile: str) -> str:
    """Text on how long a chapter took before, here or where it was recorded."""
    for known, where in ((_read(_here(profile)), "the last time"), (load(profile), "where it was written")):
        if chapter in known:
            return f"took {known[chapter]['seconds']:.0f} s {where}"
    return "first run"
