"""Run one chapter, or its training: `python -m lib.book run 01_faces [--profile smoke] [--set name=value]`.

Text -> papermill -> normalised page. Every stage of a page is this command; with `--train` it is the one
that trains what the page loads. Progress streams to the terminal and never into the page; a chapter that
fails leaves its notebook in build/failed, and its outs as they were.
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

from lib.book import chapter_text, durations, paths
from lib.book.code_hashes import code_hash
from lib.book.execute import ChapterFailed, execute
from lib.book.normalise import dumps, normalise
from lib.book.parameters import ProfileError, checked_parameters, profiles, training_stage
from lib.book.results import dumps as results_text
from lib.book.results import plain, versions
from lib.files import write_text


def _say(chapter: str, text: str, stream: TextIO | None = None) -> None:
    print(f"[{chapter}] {text}", file=stream or sys.stderr, flush=True)


_KERNEL = """c.IPKernelApp.log_level = 40  # no long warning at each start
c.IPKernelApp.capture_fd_output = False  # what libraries in C write goes to the runner's log, not to the page
# Collecting garbage after each 700 objects takes a fifth of the time in which TensorFlow is imported; and it
# logs to stdout, which is the page, unless a handler of the root logger is there before it.
c.InteractiveShellApp.exec_lines = [
    "__import__('gc').set_threshold(50_000)",
    "__import__('logging').basicConfig()",
]
"""


def log_of(chapter: str) -> Path:
    """Path of the log of what C libraries wrote in a chapter's last run."""
    return paths.ROOT / "build" / "log" / f"{chapter}.txt"


def _ipython_folder() -> Path:
    """Write the kernel's IPython settings; returns their folder."""
    folder = paths.ROOT / "build" / "ipython"
    write_text(folder / "profile_default" / "ipython_kernel_config.py", _KERNEL)
    return folder


def environment(chapter: str, profile: str, out: Path) -> dict[str, str]:
    """Environment variables of the kernel: where to write, and none of the user's settings."""
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
        # Else glibc returns large arrays to the system after every operation: up to a third of the time.
        "MALLOC_MMAP_MAX_": "0",
        "MALLOC_TRIM_THRESHOLD_": str(2**36),
        "MALLOC_TOP_PAD_": str(2**28),
        "TZ": "UTC",
        "LC_ALL": "C.UTF-8",
        "COLUMNS": str(shutil.get_terminal_size((100, 24)).columns),  # of progress bars
    }


def page(notebook: NotebookNode, parameters_differ: bool) -> NotebookNode:
    """The executed notebook as a page: normalised; papermill's parameter cell only if values differ."""
    cells = notebook.cells
    if not parameters_differ:
        cells = [cell for cell in cells if "injected-parameters" not in cell.metadata.get("tags", [])]
    notebook.cells = cells
    for cell in normalise(notebook).cells:
        tags = set(cell.metadata.get("tags", []))
        if tags & {"parameters", "injected-parameters"}:
            cell.metadata.tags = sorted(tags | {"hide-cell"})
    return notebook


def run(
    chapter: str, profile: str, changes: Sequence[str] = (), out: Path | None = None, *, train: bool = False
) -> list[Path]:
    """Run one chapter, or its training, and replace its outs if it succeeds; returns their paths.

    Nothing that stood is touched before: the run writes below build/, and its outs are renamed at the end.

    Parameters
    ----------
    train : run only the cells tagged `training`, with the parameter `train` true, and leave `trained/`.

    Raises
    ------
    ChapterFailed : a cell raised; the notebook with the traceback lies in build/failed.
    ProfileError, SourceError : before anything ran.
    """
    out = out or paths.out_of(profile)
    stage = training_stage(chapter) if train else chapter
    notebook = chapter_text.read(chapter_text.path_of(chapter))
    values = checked_parameters(notebook, chapter, profile, changes)
    differ = values != chapter_text.declared(notebook)
    if train:
        notebook.cells, values = _training(notebook, chapter), {**values, "train": True}
    written = out / "build" / "run" / profile / stage
    shutil.rmtree(written, ignore_errors=True)  # left by a killed run
    os.environ.update(environment(chapter, profile, out))
    code = code_hash(chapter, profile, training=train)
    os.environ.update(FACEVALUE_WRITE=str(written), FACEVALUE_CODE=code)
    _say(stage, f"profile {profile}, {durations.expectation(stage, profile)}")
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as scratch:
        done = execute(notebook, values, Path(scratch), log_of(stage), partial(_say, stage))
    if not train:
        write_text(written / "pages" / f"{chapter}.ipynb", dumps(page(done, differ)))
    if values.get("train"):
        _describe(written / "trained" / chapter, chapter, profile, values, code)
    made = exchange(written, out, chapter)
    shutil.rmtree(out / "build" / "scratch" / profile / chapter, ignore_errors=True)
    durations.keep(stage, profile, time.monotonic() - start, out)
    _say(stage, f"done in {time.monotonic() - start:.0f} s: {_shown(made[0])}")
    return made


def _training(notebook: NotebookNode, chapter: str) -> list[NotebookNode]:
    cells = chapter_text.training_cells(notebook)
    if not cells:
        raise chapter_text.SourceError(f"notebooks/{chapter}.md has no cell tagged `training`")
    return cells


def _describe(folder: Path, chapter: str, profile: str, values: dict[str, Any], code: str) -> None:
    """Write the provenance of trained networks beside them."""
    if not folder.is_dir():
        raise chapter_text.SourceError(f"notebooks/{chapter}.md trained nothing into `chapter.trained()`")
    facts = {"chapter": chapter, "profile": profile, "parameters": plain(values), "code": code}
    write_text(folder / "provenance.json", results_text(facts | {"versions": versions()}))


def exchange(written: Path, out: Path, chapter: str) -> list[Path]:
    """Move a run's outs into place: `trained/<chapter>` as a folder, pages and results file by file.

    Tables that the chapter kept earlier and no longer keeps are removed. Returns the new paths.
    """
    made = []
    for folder in sorted((written / "trained").glob("*")):
        target, old = out / "trained" / folder.name, written / "replaced"
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists():
            os.replace(target, old)
        os.replace(folder, target)
        made.append(target)
    for folder in (written / "results").glob("*"):
        kept = {path.name for path in folder.glob("*.csv")}
        for table in (out / "results" / folder.name).glob(f"{chapter}.*.csv"):
            if table.name not in kept:
                table.unlink()
    files = [path for kind in ("results", "pages") for path in (written / kind).rglob("*") if path.is_file()]
    for path in sorted(files):
        target = out / path.relative_to(written)
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(path, target)
        made.append(target)
    shutil.rmtree(written)
    return made


def _shown(path: Path) -> str:
    return str(path.relative_to(paths.ROOT)) if path.is_relative_to(paths.ROOT) else str(path)


def _fail(chapter: str, error: ChapterFailed) -> None:
    failed = paths.ROOT / "build" / "failed" / f"{chapter}.ipynb"
    write_text(failed, nbformat.writes(error.notebook))
    _say(chapter, f"failed: {error}")
    _say(chapter, f"the notebook with the traceback: {_shown(failed)}")


def main(arguments: list[str] | None = None) -> int:
    """Command line: run one chapter; exit status 1 where it fails."""
    parser = argparse.ArgumentParser(prog="python -m lib.book run", description=__doc__.splitlines()[0])
    parser.add_argument("chapter", help="as 01_faces")
    parser.add_argument("--profile", default=paths.DEFAULT_PROFILE, choices=profiles())
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="change a parameter")
    parser.add_argument("--out", type=Path, help="folder to write below, instead of the profile's own")
    parser.add_argument("--train", action="store_true", help="run the cells tagged `training` only")
    given = parser.parse_args(arguments)
    if given.set and given.out is None and given.profile == paths.DEFAULT_PROFILE:
        given.out = paths.ROOT / "build" / "changed"  # must not touch tracked results
    try:
        run(given.chapter, given.profile, given.set, given.out and given.out.resolve(), train=given.train)
    except ChapterFailed as error:
        _fail(given.chapter, error)
        return 1
    except (ProfileError, chapter_text.SourceError) as error:
        _say(given.chapter, str(error))
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
