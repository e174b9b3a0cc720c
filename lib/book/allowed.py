"""Allowed values of a chapter's parameters, with a one-line description of each rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Allowed:
    """Rule for the value of a parameter: type, bounds, words, single value or list.

    Attributes
    ----------
    kind : of the value, or of each value of a list: `int`, `float` (an int will do) or `str`.
    least, most : of a number; None for no bound. `above` a number instead of `least` excludes it.
    words : the only texts that are allowed; empty for any but the empty one.
    several : `no` for a single value, `yes` for a list of them, `either`.
    """

    kind: type = int
    least: float | None = None
    most: float | None = None
    above: float | None = None
    words: tuple[str, ...] = ()
    several: str = "no"

    def holds(self, value: Any) -> bool:
        """Whether `value` satisfies the rule."""
        if isinstance(value, list):
            return self.several != "no" and bool(value) and all(self._one(one) for one in value)
        return self.several != "yes" and self._one(value)

    def _one(self, value: Any) -> bool:
        if self.kind is str:
            return isinstance(value, str) and (value in self.words if self.words else bool(value.strip()))
        if isinstance(value, bool) or not isinstance(value, (int, float) if self.kind is float else int):
            return False
        bounds = (self.least is None or value >= self.least, self.most is None or value <= self.most)
        return all(bounds) and (self.above is None or value > self.above)

    def __str__(self) -> str:
        each = {"no": "", "yes": "a list, each ", "either": "one or a list of: "}[self.several]
        if self.kind is str:
            return each + (f"one of {', '.join(self.words)}" if self.words else "a text that is not empty")
        all_bounds = {"above": self.above, "at least": self.least, "at most": self.most}
        bounds = [f"{word} {bound}" for word, bound in all_bounds.items() if bound is not None]
        return f"{each}{'a whole number' if self.kind is int else 'a number'} {' and '.join(bounds)}".strip()


@dataclass(frozen=True)
class Named:
    """Rule for a mapping parameter: its allowed names, and the rule for its values."""

    names: tuple[str, ...]
    each: Allowed

    def holds(self, value: Any) -> bool:
        """Whether `value` satisfies the rule."""
        return isinstance(value, Mapping) and all(
            name in self.names and self.each.holds(one) for name, one in value.items()
        )

    def __str__(self) -> str:
        return f"a mapping of names ({', '.join(self.names)}) to values, each {self.each}"
