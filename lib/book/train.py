"""Train everything anew: `python -m lib.book.train`; says before how long it will take."""

from __future__ import annotations

import argparse
import subprocess
import sys

from lib.book import comparison, durations, stages
from lib.book.paths import DEFAULT_PROFILE, ROOT


def training_stages() -> list[str]:
    """The stages of the default pipeline that train, in their order."""
    return [name for name in stages.load(DEFAULT_PROFILE) if name.startswith("train_")]


def announcement(names: list[str]) -> str:
    """What will run, and how long it took before."""
    lines = [f"{name}: {durations.expectation(name, DEFAULT_PROFILE)}" for name in names]
    total = sum(durations.known_seconds(name, DEFAULT_PROFILE) for name in names)
    return "\n".join([*lines, f"together about {max(1, round(total / 60))} min, then the pages"])


def main(arguments: list[str] | None = None) -> int:
    """Command line: every training, then the pages that rest on them, then the comparison."""
    parser = argparse.ArgumentParser(
        prog="python -m lib.book.train", description=(__doc__ or "").splitlines()[0]
    )
    parser.parse_args(arguments)
    names = training_stages()
    print(announcement(names), flush=True)
    commands = [["code_hashes"], ["--force", "--single-item", *names], []] if names else [[]]
    for command in commands:
        if subprocess.run(["dvc", "repro", *command], cwd=ROOT).returncode:
            return 1
    return comparison.main([])


if __name__ == "__main__":
    sys.exit(main())
