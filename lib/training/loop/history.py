"""History of a training (table of epochs), and its progress lines on stderr."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

import pandas as pd


@dataclass(frozen=True)
class History:
    """Losses and metrics of every epoch; holds no time of day, so equal trainings give equal bytes.

    Attributes
    ----------
    table : one row per epoch: `epoch` (from 1), `loss`, every other metric, `val_...`, `learning_rate`.
    best : the epoch whose weights the network now has.
    """

    table: pd.DataFrame
    best: int

    @property
    def epochs(self) -> int:
        """Number of epochs trained."""
        return len(self.table)

    def last(self, name: str) -> float:
        """Value of a column in the last epoch."""
        return float(self.table[name].iloc[-1])

    def save(self, path: str | Path) -> Path:
        """Write the table as CSV with six significant digits; returns the path."""
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        self.table.to_csv(path, index=False, float_format="%.6g", lineterminator="\n")
        return path


def concatenate(parts: Sequence[History]) -> History:
    """Histories of consecutive phases as one; epochs are numbered through, weights are the last phase's."""
    table = pd.concat([one.table for one in parts], ignore_index=True)
    before = sum(one.epochs for one in parts[:-1])
    return History(table.assign(epoch=range(1, len(table) + 1)), before + parts[-1].best)


@dataclass
class Progress:
    """Prints progress lines to stderr: epoch, metrics, time left.

    Attributes
    ----------
    name : stands in front of each line.
    epochs, steps : of the whole run, and of one epoch.
    floors : least value that a metric can take; the excess over it is printed.
    seconds : least time between two lines within an epoch.
    """

    name: str
    epochs: int
    steps: int
    floors: Mapping[str, float] = field(default_factory=dict)
    seconds: float = 20.0
    stream: TextIO | None = None
    _start: float = field(default_factory=time.monotonic)
    _first: int = 0
    _shown: float = field(default_factory=time.monotonic)

    def begin(self, epoch: int) -> None:
        """Start the clock; after a resume, print after which epoch."""
        self._start = self._shown = time.monotonic()
        self._first = epoch * self.steps
        if epoch:
            self.say(f"resumed after epoch {epoch}")

    def due(self) -> bool:
        """Whether the next line within an epoch is due."""
        return time.monotonic() - self._shown >= self.seconds

    def show(self, epoch: int, step: int, logs: Mapping[str, Any]) -> None:
        """Print one progress line: `epoch` completed epochs and `step` steps of the next."""
        self._shown = time.monotonic()
        done = epoch * self.steps + step
        left = (self._shown - self._start) / max(1, done - self._first) * (self.epochs * self.steps - done)
        where = f"epoch {epoch + 1 if step else epoch}/{self.epochs}"
        where += f" step {step}/{self.steps}" if step else ""
        self.say(f"{where}  {'  '.join(self._figures(logs))}  {duration(left)} left")

    def say(self, text: str) -> None:
        """Print one line with the training's name in front."""
        print(f"{self.name}: {text}", file=self.stream or sys.stderr, flush=True)

    def _figures(self, logs: Mapping[str, Any]) -> list[str]:
        return [
            f"{name} {float(value):.4g}"
            + (f" (floor {float(value) - self.floors[name]:+.4g})" if name in self.floors else "")
            for name, value in logs.items()
            if name != "epoch"
        ]


def duration(seconds: float) -> str:
    """Seconds as text: `8 s`, `3 min 20 s`, `2 h 05 min`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
