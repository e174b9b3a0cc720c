"""Which epoch's weights a training keeps, and when it stops early; decided from its history alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Keep = Literal["last", "best"]


@dataclass(frozen=True)
class EpochSelection:
    """Rule for the epoch whose weights are kept, and for early stopping.

    Attributes
    ----------
    keep : weights at the end: of the last epoch, or of the one with the lowest `monitor`, among equals the
        one with the lowest `val_loss`.
    monitor : column of the history, lower is better, or higher where a minus stands before it (`-val_auc`).
    patience : epochs without a better one before the training stops; None never stops it.
    """

    keep: Keep = "last"
    monitor: str = "val_loss"
    patience: int | None = None

    def best(self, rows: Sequence[Mapping[str, float]]) -> int:
        """Epoch (from 1) with the lowest monitored value; ties go to the lowest `val_loss`.

        An AUC on few pictures soon is 1.0: the first epoch that reaches it has hardly learned.

        Parameters
        ----------
        rows : metrics of each completed epoch, one or more.

        Raises
        ------
        ValueError : they have no column `monitor`.
        """
        order = [(self._monitored(row), row.get("val_loss", 0.0)) for row in rows]
        return order.index(min(order)) + 1

    def exhausted(self, rows: Sequence[Mapping[str, float]]) -> bool:
        """Whether patience ran out; depends on the history only, so a resumed run decides alike."""
        if self.patience is None or not rows:
            return False
        return len(rows) - self.best(rows) >= self.patience

    def _monitored(self, row: Mapping[str, float]) -> float:
        name = self.monitor.removeprefix("-")
        if name not in row:
            raise ValueError(f"no column {name!r} to compare epochs by; there are {', '.join(row)}")
        return -row[name] if self.monitor.startswith("-") else row[name]


LAST_EPOCH = EpochSelection()
"""Keep the last epoch's weights, never stop early."""
