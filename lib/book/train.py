"""Run all training stages anew, then the pages, and compare the results: `python -m lib.book train`."""

from __future__ import annotations

import argparse
import subprocess

from lib.book import comparison, durations, pages, stages
from lib.book.paths import DEFAULT_PROFILE, ROOT


def announcement(names: list[str]) -> str:
    """Text on which trainings will run and how long they took before."""
    lines = [f"{name}: {durations.expectation(name, DEFAULT_PROFILE)}" for name in names]
    total = sum(durations.known_seconds(name, DEFAULT_PROFILE) for name in names)
    return "\n".join([*lines, f"together about {max(1, round(total / 60))} min, then the pages"])


def main(arguments: list[str] | None = None) -> int:
    """Command line: run every training, then the pages, then the comparison."""
    parser = argparse.ArgumentParser(
        prog="python -m lib.book train", description=(__doc__ or "").splitlines()[0]
    )
    parser.parse_args(arguments)
    names = stages.training_stages(stages.load(DEFAULT_PROFILE))
    print(announcement(names), flush=True)
    commands = [[stages.HASHES], ["--force", "--single-item", *names]] if names else []
    for command in commands:
        if subprocess.run(["dvc", "repro", *command], cwd=ROOT).returncode:
            return 1
    return pages.main([]) or comparison.main([])
