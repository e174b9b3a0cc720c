"""Figure: a figure of merit with its interval, the only form in which a number leaves `measures`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

NAN = float("nan")


@dataclass(frozen=True)
class Figure:
    """An estimate, its 95 % interval, and how many independent subjects it rests on.

    Attributes
    ----------
    estimate, low, high : the value and its interval; NaN where undefined.
    n : number of subjects (the independent units), not of images or comparisons.
    why : empty, or the reason for which the estimate is undefined or its interval unstable.
    """

    estimate: float
    low: float = NAN
    high: float = NAN
    n: int = 0
    why: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The form in which results keep it; undefined numbers become None (JSON knows no NaN)."""

        def plain(value: float) -> float | None:
            return None if math.isnan(value) else float(value)

        out: dict[str, Any] = {
            "estimate": plain(self.estimate),
            "low": plain(self.low),
            "high": plain(self.high),
            "n": int(self.n),
        }
        return {**out, "why": self.why} if self.why else out

    def __format__(self, form: str) -> str:
        if math.isnan(self.estimate):
            return f"undefined ({self.why})" if self.why else "undefined"
        form = form or ".3f"
        return f"{self.estimate:{form}} [{self.low:{form}}, {self.high:{form}}]"
