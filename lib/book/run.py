"""Run one chapter: `python -m lib.book.run 01_faces [--profile smoke] [--set name=value]`.

Text -> papermill -> normalised page. Every DVC stage is this command. Progress streams to the terminal and
never into the page; a chapter that fails leaves its notebook in build/failed and no page.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, TextIO

import nbformat
from nbformat import NotebookNode

from lib.book import paths, source, times
from lib.book.execute import ChapterFailed, execute
from lib.book.normalise import dumps, normalise
from lib.book.profile import ProfileError, parameters, profiles
from lib.files import write_text


def _say(chapter: str, text: str, stream: TextIO | None = None) -> None:
    print(f"[{chapter}] {text}", file=stream or sys.stderr, flush=True)


_KERNEL = """c.IPKernelApp.log_level = 40  # no long warning at each start
c.IPKernelApp.capture_fd_output = False  # what libraries in C write goes to the runner's log, not to the page
"""


def log_of(chapter: str) -> Path:
    """What libraries in C said during the last run of a chapter."""
    return paths.ROOT / "build" / "log" / f"{chapter}.txt"


def _ipython_folder() -> Path:
    """Settings of the kernel instead of those in the user's home."""
    folder = paths.ROOT / "build" / "ipython"
    write_text(folder / "profile_default" / "ipython_kernel_config.py", _KERNEL)
    return folder


def environment(chapter: str, profile: str, out: Path) -> dict[str, str]:
    """What the kernel sees: where to write, and nothing of the user's own settings."""
    inherited = os.environ.get("PYTHONPATH")
    return {
        "FACEVALUE_OUT": str(out),
        "FACEVALUE_PROFILE": profile,
        "FACEVALUE_CHAPTER": chapter,
        "PYTHONPATH": os.pathsep.join([str(paths.ROOT), inherited] if inherited else [str(paths.ROOT)]),
        "PYTHONHASHSEED": "0",
        "PYTHONWARNINGS": "ignore",
        "IPYTHONDIR": str(_ipython_folder()),
        "JUPYTER_PREFER_ENV_PATH": "1",  # else a kernel `python3` in the user's home wins
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "KERAS_BACKEND": os.environ.get("KERAS_BACKEND", "tensorflow"),
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TF_ENABLE_ONEDNN_OPTS": "1",  # off by default where a processor has no AVX-512: slower
        # Else glibc gives large arrays back to the system after every operation: up to a third of the time.
        "MALLOC_MMAP_MAX_": "0",
        "MALLOC_TRIM_THRESHOLD_": str(2**36),
        "MALLOC_TOP_PAD_": str(2**28),
        "TZ": "UTC",
        "LC_ALL": "C.UTF-8",
        "COLUMNS": str(shutil.get_terminal_size((100, 24)).columns),  # of progress bars
    }


def checked_parameters(
    notebook: NotebookNode, chapter: str, profile: str, changes: Sequence[str]
) -> dict[str, Any]:
    """The run's parameters; the notebook must declare exactly those of params.yaml."""
    values = parameters(chapter, profile, changes)
    declared = source.declared(notebook, f"notebooks/{chapter}.md")
    if set(declared) != set(values):
        differ = ", ".join(sorted(set(declared) ^ set(values)))
        raise source.SourceError(
            f"notebooks/{chapter}.md and params.yaml do not name the same parameters: {differ}"
        )
    return values


def page(notebook: NotebookNode, parameters_differ: bool) -> NotebookNode:
    """The executed notebook as a page: normalised; papermill's cell stays only where it changed a value."""
    cells = notebook.cells
    if not parameters_differ:
        cells = [cell for cell in cells if "injected-parameters" not in cell.metadata.get("tags", [])]
    notebook.cells = cells
    for cell in normalise(notebook).cells:
        tags = set(cell.metadata.get("tags", []))
        if tags & {"parameters", "injected-parameters"}:
            cell.metadata.tags = sorted(tags | {"hide-cell"})
    return notebook


def run(chapter: str, profile: str, changes: Sequence[str] = (), out: Path | None = None) -> Path:
    """Run one chapter and write its page; returns the page's path.

    Raises
    ------
    ChapterFailed : a cell raised; the notebook with the traceback lies in build/failed.
    ProfileError, SourceError : before anything ran.
    """
    out = out or paths.out_of(profile)
    notebook = source.read(source.path_of(chapter))
    values = checked_parameters(notebook, chapter, profile, changes)
    differ = values != source.declared(notebook)
    os.environ.update(environment(chapter, profile, out))
    _say(chapter, f"profile {profile}, {times.expectation(chapter, profile)}")
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as scratch:
        done = execute(notebook, values, Path(scratch), log_of(chapter), partial(_say, chapter))
    target = out / "pages" / f"{chapter}.ipynb"
    write_text(target, dumps(page(done, differ)))
    times.keep(chapter, profile, time.monotonic() - start, out)
    _say(chapter, f"done in {time.monotonic() - start:.0f} s: {_shown(target)}")
    return target


def _shown(path: Path) -> str:
    return str(path.relative_to(paths.ROOT)) if path.is_relative_to(paths.ROOT) else str(path)


def _fail(chapter: str, error: ChapterFailed) -> None:
    failed = paths.ROOT / "build" / "failed" / f"{chapter}.ipynb"
    write_text(failed, nbformat.writes(error.notebook))
    _say(chapter, f"failed: {error}")
    _say(chapter, f"the notebook with the traceback: {_shown(failed)}")


def main(arguments: list[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m lib.book.run", description=__doc__.splitlines()[0])
    parser.add_argument("chapter", help="as 01_faces")
    parser.add_argument("--profile", default=paths.DEFAULT_PROFILE, choices=profiles())
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="change a parameter")
    parser.add_argument("--out", type=Path, help="folder to write below, instead of the profile's own")
    given = parser.parse_args(arguments)
    if given.set and given.out is None and given.profile == paths.DEFAULT_PROFILE:
        given.out = paths.ROOT / "build" / "changed"  # a one-off must not touch tracked results
    try:
        run(given.chapter, given.profile, given.set, given.out and given.out.resolve())
    except ChapterFailed as error:
        _fail(given.chapter, error)
        return 1
    except (ProfileError, source.SourceError) as error:
        _say(given.chapter, str(error))
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
