"""Run the benchmarks: `make bench`, or `python -m benchmarks [name ...]`.

Each `benchmarks/<name>.py` has a `main()` that measures in one run what it compares. It prints, or returns a
mapping from what was measured to the value (a number, or a text with its unit). Every benchmark runs in a
process of its own, so that peak memory is its own. Two times taken in one run make a ratio
that means something.
"""

from __future__ import annotations

import argparse
import importlib
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent


def names() -> list[str]:
    """All benchmarks."""
    return sorted(path.stem for path in FOLDER.glob("*.py") if not path.stem.startswith("_"))


def _text(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def show(measured: Mapping[str, Any] | None) -> None:
    """Print what a benchmark returned, one line each."""
    width = max((len(what) for what in measured or {}), default=0)
    for what, value in (measured or {}).items():
        print(f"  {what:{width}}  {_text(value)}", flush=True)


def run_here(name: str) -> None:
    """Run one benchmark in this process, with none of this command line's arguments."""
    sys.argv = [f"benchmarks.{name}"]
    show(importlib.import_module(f"benchmarks.{name}").main())


def run_apart(name: str) -> bool:
    """Run one benchmark in a process of its own; says whether it went well."""
    print(f"== {name}", flush=True)
    start = time.monotonic()
    done = subprocess.run([sys.executable, "-m", "benchmarks", "--here", name], cwd=FOLDER.parent)
    print(f"  ({time.monotonic() - start:.0f} s{'' if done.returncode == 0 else ', failed'})", flush=True)
    return done.returncode == 0


def main(arguments: list[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("name", nargs="*", choices=[[], *names()], help="only these")
    parser.add_argument("--here", action="store_true", help="in this process")
    given = parser.parse_args(arguments)
    wanted = given.name or names()
    if given.here:
        for name in wanted:
            run_here(name)
        return 0
    failed = [name for name in wanted if not run_apart(name)]
    print(
        f"failed: {', '.join(failed)}"
        if failed
        else "Compare ratios, not seconds: those belong to this machine."
    )
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
