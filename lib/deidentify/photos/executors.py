"""Where photographs are worked on: in this process, in several of this machine, or on a Dask cluster."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any, TypeVar

from lib.training.parent_process import end_with_parent

Key = TypeVar("Key")
Result = TypeVar("Result")


class SerialExecutor(Executor):
    """Runs each task at once, in this process; an error is raised where the task is submitted."""

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        """Run the task; returns a future that is done."""
        future: Future[Any] = Future()
        future.set_result(function(*arguments, **named))
        return future


@contextmanager
def open_executor(workers: int, client: Any = None) -> Iterator[Executor]:
    """Yield the executor that was asked for; tasks that have not begun are cancelled at the end.

    Parameters
    ----------
    workers : processes on this machine; with 1 everything runs in this one. They end soon after their parent,
        however it ends.
    client : `dask.distributed.Client`, takes the place of `workers`; it and its workers stay.
    """
    if client is not None:
        cluster: Executor = client.get_executor(pure=False)
        try:
            yield cluster
        finally:
            cluster.shutdown(wait=False)
        return
    own = (
        ProcessPoolExecutor(workers, get_context("spawn"), end_with_parent, (os.getpid(),))
        if workers > 1  # spawned, as forks and networks disagree
        else SerialExecutor()
    )
    try:
        yield own
    finally:
        own.shutdown(wait=True, cancel_futures=True)


def tasks_ahead(workers: int, client: Any = None) -> int:
    """How many tasks to submit before the first result is taken: four for each process or thread, or one."""
    threads = sum(client.nthreads().values()) if client is not None else 1
    return 1 if workers == 1 and client is None else 4 * max(workers, threads)


def results_in_order(
    executor: Executor,
    function: Callable[..., Result],
    tasks: Iterable[tuple[Key, tuple[Any, ...]]],
    ahead: int,
) -> Iterator[tuple[Key, Result]]:
    """Yield each task's key and the function's result, in the tasks' order.

    Parameters
    ----------
    executor : of `open_executor`.
    function : is called with each task's arguments.
    tasks : key and arguments; taken one at a time, so that a folder of any size needs no more memory.
    ahead : tasks under way at once, as of `tasks_ahead`.

    Raises
    ------
    concurrent.futures.BrokenExecutor : a worker died; besides, whatever the function raises.
    """
    waiting: deque[tuple[Key, Future[Result]]] = deque()
    for key, arguments in tasks:
        waiting.append((key, executor.submit(function, *arguments)))
        if len(waiting) >= ahead:
            first, future = waiting.popleft()
            yield first, future.result()
    while waiting:
        first, future = waiting.popleft()
        yield first, future.result()
