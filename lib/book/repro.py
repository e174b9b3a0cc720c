"""`dvc repro`, with chapters that do not rest on each other beside each other: `python -m lib.book.repro`.

DVC runs one stage after the other, and lets several `dvc repro` run at once as long as none needs what
another makes. A chapter keeps two cores busy only while it trains; beside it there is room for another.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from lib.book.paths import DEFAULT_PROFILE, ROOT
from lib.book.stages import load, outputs, path_in

ONE = ("dvc", "--wait-for-lock", "repro", "--single-item")
"""One stage without those before it: all chains would ask for the data at once, and DVC lets only one."""
AT_ONCE = 2
"""Chains of stages that run at the same time: the default profile has two, which took 3.4 GB together."""


def chains(stages: Mapping[str, Mapping[str, Any]]) -> list[list[str]]:
    """Stages in groups of which none needs what another group makes; the longest group first.

    Parameters
    ----------
    stages : of a dvc.yaml by name, with `deps`, `outs`, `metrics`, `plots`; each after those that it needs.
    """
    maker = {path_in(entry): name for name, stage in stages.items() for entry in outputs(dict(stage))}
    group = {name: {name} for name in stages}
    for name, stage in stages.items():
        for path in map(path_in, stage.get("deps", [])):
            made = maker.get(path) or next((maker[out] for out in maker if out.startswith(f"{path}/")), name)
            joint = group[name] | group[made]
            group |= dict.fromkeys(joint, joint)
    found = {min(joint): [name for name in stages if name in joint] for joint in group.values()}
    return sorted(found.values(), key=len, reverse=True)


def repro(chain: Sequence[str]) -> bool:
    """Bring these stages up to date one after the other, until one fails; returns whether all went well."""
    return all(subprocess.run([*ONE, name], cwd=ROOT).returncode == 0 for name in chain)


def main(arguments: list[str] | None = None) -> int:
    """Command line: every stage of the default profile."""
    parser = argparse.ArgumentParser(prog="python -m lib.book.repro", description=__doc__.splitlines()[0])
    parser.parse_args(arguments)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        well = list(pool.map(repro, chains(load(DEFAULT_PROFILE))))
    return 0 if all(well) else 1


if __name__ == "__main__":
    sys.exit(main())
