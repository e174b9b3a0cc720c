"""Execute a notebook with papermill, with progress on the terminal."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

import nbformat
import papermill
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode
from papermill.engines import NBClientEngine, NotebookExecutionManager, papermill_engines
from papermill.exceptions import PapermillExecutionError

from lib.book.paths import ROOT


class ChapterFailed(RuntimeError):
    """A cell raised an error, or the kernel died.

    Attributes
    ----------
    notebook : as far as it came, with the traceback.
    """

    def __init__(self, said: str, notebook: NotebookNode) -> None:
        super().__init__(said)
        self.notebook = notebook


class Terminal:
    """Stream for a kernel's stderr: unchanged to a screen; to a log only full lines and rare bar states.

    Parameters
    ----------
    stream : to write to.
    seconds : at least this long between two states of one progress bar in a log.
    """

    def __init__(self, stream: TextIO, seconds: float = 15.0) -> None:
        self._stream, self._seconds = stream, seconds
        self._line, self._next = "", time.monotonic() + seconds

    def write(self, text: str) -> None:
        """Write `text`, in which a carriage return restarts the line of a progress bar."""
        if self._stream.isatty():
            self._stream.write(text)
            return
        *whole, self._line = (self._line + text).split("\n")
        for line in whole:
            self._show(line)
        if "\r" in self._line:
            if time.monotonic() >= self._next:
                self._show(self._line)
            self._line = "\r" + self._line.rsplit("\r", 1)[-1]

    def _show(self, line: str) -> None:
        state = line.rstrip("\r").rsplit("\r", 1)[-1].rstrip()
        if state:
            self._stream.write(state + "\n")
            self._next = time.monotonic() + self._seconds

    def flush(self) -> None:
        """Flush the stream."""
        self._stream.flush()


def _headings(notebook: NotebookNode) -> dict[int, str]:
    """Last heading at or above each cell, by cell number."""
    found, last = {}, ""
    for number, cell in enumerate(notebook.cells):
        titles = re.findall(r"^#{1,3} +(.+)$", cell.source, re.M) if cell.cell_type == "markdown" else []
        last = titles[-1] if titles else last
        found[number] = last
    return found


class _Announcing(NBClientEngine):
    """Papermill engine that announces each section before its first code cell, with the seconds so far."""

    say: Callable[[str], None] = staticmethod(lambda text: None)

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: NotebookExecutionManager, kernel_name: str, **options: Any
    ) -> NotebookNode:
        """Run the cells, announcing each heading once before its first code cell."""
        headings, begin, shown = _headings(nb_man.nb), nb_man.cell_start, [""]
        start = time.monotonic()

        def cell_start(cell: NotebookNode, cell_index: int = 0, **more: Any) -> None:
            if cell.cell_type == "code" and headings[cell_index] != shown[0]:
                shown[0] = headings[cell_index]
                at = time.monotonic() - start
                cls.say(f"{at:.0f} s, cell {cell_index + 1} of {len(nb_man.nb.cells)}: {shown[0]}")
            begin(cell, cell_index, **more)

        nb_man.cell_start = cell_start
        return super().execute_managed_notebook(nb_man, kernel_name, **options)


@contextmanager
def _aside(log: Path) -> Iterator[TextIO]:
    """Context manager: redirect file descriptor 2 (C libraries) to `log`; yields the terminal."""
    log.parent.mkdir(parents=True, exist_ok=True)
    sys.stderr.flush()
    terminal = os.fdopen(os.dup(2), "w", encoding="utf-8", errors="replace")
    with terminal, log.open("w", encoding="utf-8") as file:
        os.dup2(file.fileno(), 2)  # the kernel inherits it
        try:
            yield terminal
        finally:
            sys.stderr.flush()
            os.dup2(terminal.fileno(), 2)


def execute(
    notebook: NotebookNode,
    values: Mapping[str, Any],
    scratch: Path,
    log: Path,
    say: Callable[[str, TextIO], None],
) -> NotebookNode:
    """Execute `notebook` with the parameters `values` in the repository root; returns it with outputs.

    Parameters
    ----------
    scratch : an empty folder for papermill's files.
    log : file for what libraries in C write to stderr.
    say : writes one line of progress to a stream.

    Raises
    ------
    ChapterFailed : a cell raised, or the kernel died.
    """
    papermill_engines.register("book", _Announcing)
    before, after = scratch / "before.ipynb", scratch / "after.ipynb"
    nbformat.write(notebook, before)
    with _aside(log) as terminal:
        _Announcing.say = staticmethod(lambda text: say(text, terminal))
        try:
            papermill.execute_notebook(
                str(before), str(after), parameters=dict(values), engine_name="book", kernel_name="python3",
                cwd=str(ROOT), progress_bar=False, log_output=False, stderr_file=Terminal(terminal),
                start_timeout=180, autosave_cell_every=0,
            )  # fmt: skip
        except PapermillExecutionError as error:
            said = f"cell {error.exec_count}: {error.ename}: {error.evalue}"
            raise ChapterFailed(said, nbformat.read(after, as_version=4)) from error
        except DeadKernelError as error:
            said = f"the kernel died, out of memory perhaps; build/log/{log.name} may say more"
            raise ChapterFailed(said, nbformat.read(after, as_version=4)) from error
    return nbformat.read(after, as_version=4)
