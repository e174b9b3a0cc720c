"""Run the pages that are out of date, several at a time: `python -m lib.book pages [--lanes 2]`.

DVC runs one stage after the other, though a page keeps all cores busy for only part of its time. Trainings
that are out of date run first, each alone; then a page starts as soon as the pages that it quotes are done.
The longest chain of pages decides how long all take: its pages start first, and the others yield to them.
"""

from __future__ import annotations

import argparse
import os
import shutil
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
    ahead: Mapping[str, float] | None = None,
) -> list[str]:
    """Run each stage after those it needs, `lanes` at a time; returns those that failed or were left out.

    Parameters
    ----------
    graph : stage -> stages it needs; those that are no keys count as done.
    run : runs one stage; 0 if it succeeded.
    ahead : of `seconds_ahead`; of the stages that could start, the one with most before it does.
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
            ready = sorted([*ready, *sorter.get_ready()], key=lambda name: -(ahead or {}).get(name, 0))
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


def seconds_ahead(graph: Mapping[str, Collection[str]], seconds: Callable[[str], float]) -> dict[str, float]:
    """Seconds from the start of each stage to the end of the longest chain of stages that wait for it.

    Parameters
    ----------
    graph : as for `run_stages`.
    seconds : expected time of a stage.
    """
    found: dict[str, float] = {}
    for name in reversed(list(TopologicalSorter(graph).static_order())):
        if name in graph:
            waiting = [found[one] for one, needed in graph.items() if name in needed]
            found[name] = seconds(name) + max(waiting, default=0.0)
    return found


def longest_chain(graph: Mapping[str, Collection[str]], ahead: Mapping[str, float]) -> set[str]:
    """The stages of the chain that takes longest, from `seconds_ahead`."""
    chain: set[str] = set()
    could = set(graph)
    while could:
        name = max(sorted(could), key=lambda one: ahead[one])
        chain.add(name)
        could = {one for one, needed in graph.items() if name in needed}
    return chain


def _repro(*arguments: str, yields: bool = False) -> int:
    # A stage of another process holds DVC's lock only while DVC itself is at work.
    polite = ["nice", "-n", "10"] if yields and shutil.which("nice") else []
    return subprocess.run([*polite, "dvc", "--wait-for-lock", "repro", *arguments], cwd=ROOT).returncode


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
    ahead = seconds_ahead(
        pages, lambda name: known_seconds(str(pipeline[name]["cmd"]).split()[-1], DEFAULT_PROFILE)
    )
    first = longest_chain(pages, ahead)
    failed = run_stages(
        pages, lambda name: _repro("--single-item", name, yields=name not in first), given.lanes, ahead
    )
    if failed:
        print(f"not done: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
