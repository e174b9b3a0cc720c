"""Map a function over shards (files), in parallel on this machine or on a Dask cluster."""

from __future__ import annotations

import contextlib
import posixpath
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Literal

import dask
from fsspec.core import url_to_fs
from tqdm import tqdm
from tqdm.dask import TqdmCallback

Scheduler = Literal["threads", "processes", "synchronous"]


class ShardError(RuntimeError):
    """Shards on which the function failed; the message lists them with their reasons."""


def map_shards(
    function: Callable[[str, str], Any],
    inputs: Sequence[str],
    outputs_folder: str,
    *,
    client: Any = None,
    scheduler: Scheduler = "threads",
    workers: int | None = None,
    suffix: str | None = None,
    label: str = "shards",
) -> list[str]:
    """Run `function(input, output)` for each shard; existing outputs are skipped.

    A shard whose output is there already is skipped, so a run that was broken off goes on. Outputs are
    written to a temporary name and renamed, so what is there is whole. Skipping looks at names alone: after a
    change of the function or its parameters use another folder, and never let two runs share one.

    Parameters
    ----------
    function : reads one input and writes one output, both fsspec paths (local, `s3://`, `memory://`, ...). It
        must be picklable for processes and clusters, and seeded by its input.
    inputs : shard paths; their file names differ.
    outputs_folder : fsspec path; an output has its input's file name.
    client : `dask.distributed.Client` of a cluster that sees both paths; None runs here.
    scheduler, workers : without a client: Dask's local scheduler and its number of workers (None: all cores).
        Threads suit networks and code that leaves Python, processes the rest.
    suffix : of the outputs, in place of the inputs' (`.npz`).
    label : of the progress bar on stderr.

    Returns
    -------
    Output paths in the order of the inputs.

    Raises
    ------
    ValueError : two inputs with one file name.
    ShardError : the function failed on some shards; the others are done and kept.
    """
    outputs = _outputs(inputs, outputs_folder, suffix)
    _prepare(outputs_folder)
    done = _present(outputs_folder)
    todo = [pair for pair in zip(inputs, outputs, strict=True) if posixpath.basename(pair[1]) not in done]
    run = _run_here(scheduler, workers) if client is None else _run_there(client)
    _check(run(function, todo, f"{label} ({len(outputs) - len(todo)} done)"))
    return outputs


def run_shard(function: Callable[[str, str], Any], source: str, target: str) -> str:
    """Process one shard under a temporary name; returns the reason of a failure, or ""."""
    system, path = url_to_fs(target)
    part = _sibling(target, f".part-{uuid.uuid4().hex}-")  # some writers need the extension
    part_path = url_to_fs(part)[1]
    try:
        function(source, part)
        system.mv(part_path, path)
    except Exception as error:
        with contextlib.suppress(FileNotFoundError):
            system.rm(part_path, recursive=True)
        return f"{source}: {type(error).__name__}: {error}"
    return ""


def _run_here(scheduler: Scheduler, workers: int | None) -> Callable[..., list[str]]:
    def run(function: Callable[[str, str], Any], todo: list[tuple[str, str]], label: str) -> list[str]:
        tasks = [dask.delayed(run_shard, pure=False)(function, *pair) for pair in todo]
        with TqdmCallback(desc=label, unit="shard", disable=not todo):
            return list(dask.compute(*tasks, scheduler=scheduler, num_workers=workers, chunksize=1))

    return run


def _run_there(client: Any) -> Callable[..., list[str]]:
    def run(function: Callable[[str, str], Any], todo: list[tuple[str, str]], label: str) -> list[str]:
        from distributed import as_completed

        futures = [client.submit(run_shard, function, *pair, pure=False) for pair in todo]
        rest = as_completed(futures, with_results=True)
        return [reason for _, reason in tqdm(rest, desc=label, unit="shard", total=len(todo))]

    return run


def _check(reasons: Sequence[str]) -> None:
    """Raise ShardError if a shard failed."""
    failed = sorted(reason for reason in reasons if reason)
    if failed:
        raise ShardError(
            f"{len(failed)} of {len(reasons)} shards failed, the others are kept; mend them and run again:\n"
            + "\n".join(failed)
        )


def _outputs(inputs: Sequence[str], folder: str, suffix: str | None) -> list[str]:
    """Output path of each input; ValueError if two inputs share one."""
    outputs = [_output(path, folder, suffix) for path in inputs]
    twice = sorted(path for path, count in Counter(outputs).items() if count > 1)
    if twice:
        raise ValueError(
            f"{len(twice)} outputs have two inputs, first {twice[0]}: give the shards other names"
        )
    return outputs


def _output(source: str, folder: str, suffix: str | None) -> str:
    name = posixpath.basename(source.rstrip("/"))
    if suffix is not None:
        name = posixpath.splitext(name)[0] + suffix
    return posixpath.join(folder, name)


def _sibling(path: str, prefix: str) -> str:
    folder, name = posixpath.split(path)
    return posixpath.join(folder, prefix + name)


def _prepare(folder: str) -> None:
    """Make the output folder and remove half-written files of a killed run."""
    system, path = url_to_fs(folder)
    system.makedirs(path, exist_ok=True)
    for name in _present(folder):
        if name.startswith(".part-"):
            system.rm(posixpath.join(path, name), recursive=True)


def _present(folder: str) -> set[str]:
    system, path = url_to_fs(folder)
    system.invalidate_cache()
    return {posixpath.basename(entry.rstrip("/")) for entry in system.ls(path, detail=False)}
