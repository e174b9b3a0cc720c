"""Seconds per chapter: `results/<profile>/times.json`, for the status page and for what a run announces.

No stage knows this file. It is in git for the profiles that ship, so it is rewritten only when a chapter
took clearly longer or shorter than it says.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
from pathlib import Path
from typing import Any

from lib.book import paths
from lib.book.results import dumps

TOLERANCE = 0.5
"""A time within this share of the kept one does not rewrite the file."""


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
    """This machine in words, without its name: processor, cores, memory, GPUs."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    memory = ""
    if hasattr(os, "sysconf"):
        memory = f", {os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"
    gpus = _gpus()
    return f"{cores} cores of {_processor()}{memory}, {' + '.join(gpus) if gpus else 'no GPU'}"


def load(profile: str, out: Path | None = None) -> dict[str, dict[str, Any]]:
    """Chapter -> `seconds`, `machine`; empty where nothing ran yet."""
    path = (out or paths.out_of(profile)) / "results" / profile / "times.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def keep(chapter: str, profile: str, seconds: float, out: Path) -> None:
    """Record how long a chapter took, unless the kept time is near enough."""
    known = load(profile, out)
    before = known.get(chapter, {}).get("seconds")
    if before is not None and abs(seconds - before) <= TOLERANCE * before + 5:
        return
    known[chapter] = {"seconds": float(f"{seconds:.2g}"), "machine": machine()}
    path = out / "results" / profile / "times.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_text(dumps(known), encoding="utf-8")
    os.replace(part, path)


def expectation(chapter: str, profile: str) -> str:
    """What to tell someone who waits."""
    known = load(profile).get(chapter) or {}
    return f"took {known['seconds']:.0f} s before" if known else "first run"
