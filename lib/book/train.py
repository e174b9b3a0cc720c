"""Run all training stages anew, then the pages, and compare the results: `python -m lib.book train`."""

from __future__ import annotations

import argparse
import subprocess

from lib.book import comparison, durations, stages
from lib.book.paths import DEFAULT_PROFILE, ROOT


def training_stages() -> list[str]:
    """Names of the training stages of the default pipeline, in order."""
    return [name for name in stages.load(DEFAULT_PROFILE) if name.startswith("train_")]


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
    names = training_stages()
    print(announcement(names), flush=True)
    commands = [["code_hashes"], ["--force", "--single-item", *names], []] if names else [[]]
    for command in commands:
        if subprocess.run(["dvc", "repro", *command], cwd=ROOT).returncode:
            return 1
    return comparison.main([])
