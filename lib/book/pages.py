"""Run the pages that are out of date, several at a time: `python -m lib.book pages [--lanes 2]`.

DVC runs one stage after the other, though a page keeps all cores busy for only part of its time. Trainings
that are out of date run first, each alone; then a page starts as soon as the pages that it quotes are done.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from graphlib import TopologicalSorter

from lib.book import stages
from lib.book.durations import known_seconds
from lib.book.paths import DEFAULT_PROFILE, ROOT

MOST = 4
"""Most pages at a time; each keeps TensorFlow and its networks in memory, up to 3 GB."""


def run_stages(
    graph: Mapping[str, Collection[str]],
    run: Callable[[str], int],
    lanes: int,
    seconds: Callable[[str], float] = lambda stage: 0.0,
) -> list[str]:
    """Run each stage after those it needs, `lanes` at a time; returns those that failed or were left out.

    Parameters
    ----------
    graph : stage -> stages it needs; those that are no keys count as done.
    run : runs one stage; 0 if it succeeded.
    seconds : expected time of a stage; of those that could start, the longest does.
    """
    sorter = TopologicalSorter(
        {name: [one for one in needed if one in graph] for name, needed in graph.items()}
    )
    sorter.prepare()
    done: set[str] = set()
    ready: list[str] = []
    running: dict[Future[int], str] = {}
    with ThreadPoolExecutor(lanes) as pool:
        while sorter.is_active():
            ready = sorted([*ready, *sorter.get_ready()], key=seconds, reverse=True)
            while ready and len(running) < lanes:
                name = ready.pop(0)
                running[pool.submit(run, name)] = name
            if not running:
                break  # what is left needs a stage that failed
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                name = running.pop(future)
                if future.result() == 0:
                    done.add(name)
                    sorter.done(name)
    return [name for name in graph if name not in done]


def _repro(*arguments: str) -> int:
    # A stage of another process holds DVC's lock only while DVC itself is at work.
    return subprocess.run(["dvc", "--wait-for-lock", "repro", *arguments], cwd=ROOT).returncode


def main(arguments: list[str] | None = None) -> int:
    """Command line: trainings, then pages, then whatever is left; exit status 1 where a stage fails."""
    parser = argparse.ArgumentParser(
        prog="python -m lib.book pages", description=(__doc__ or "").splitlines()[0]
    )
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    parser.add_argument("--lanes", type=int, default=min(cores, MOST), help="pages at a time")
    given = parser.parse_args(arguments)
    if given.lanes < 1:
        parser.error("--lanes: 1 or more")
    pipeline = stages.load(DEFAULT_PROFILE)
    trainings = stages.training_stages(pipeline)
    if _repro(*trainings or [stages.HASHES]):
        return 1
    pages = {
        name: needed
        for name, needed in stages.quoted_stages(pipeline).items()
        if name not in trainings and name != stages.HASHES
    }
    failed = run_stages(
        pages,
        lambda name: _repro("--single-item", name),
        given.lanes,
        lambda name: known_seconds(str(pipeline[name]["cmd"]).split()[-1], DEFAULT_PROFILE),
    )
    if failed:
        print(f"not done: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
