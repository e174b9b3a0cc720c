"""Allowed values of a chapter's parameters, with a one-line description of each rule."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any


class Rule(ABC):
    """Rule for the value of a parameter; `str` of it says what is allowed."""

    @abstractmethod
    def holds(self, value: Any) -> bool:
        """Whether `value` satisfies the rule."""

    def fault(self, name: str, value: Any) -> str:
        """Message on the first part of `value` that breaks the rule, called by `name`; empty if none does."""
        return "" if self.holds(value) else f"{name} is {value!r} in this run; allowed is {self}"


@dataclass(frozen=True)
class Allowed(Rule):
    """Rule for a single value or a list: type, bounds, words.

    Attributes
    ----------
    kind : of the value, or of each value of a list: `int`, `float` (finite; an int will do), `str` or `bool`.
    least, most : of a number; None for no bound. `above` a number instead of `least` excludes it.
    words : the only texts that are allowed; empty for any but the empty one.
    several : `no` for a single value, `yes` for a list of them, `either`. A list names nothing twice, unless
        its length is given.
    empty : whether the empty list or the empty text is allowed too.
    length : of a list; 0 for any.
    rising : whether the values of a list must rise.
    """

    kind: type = int
    least: float | None = None
    most: float | None = None
    above: float | None = None
    words: tuple[str, ...] = ()
    several: str = "no"
    empty: bool = False
    length: int = 0
    rising: bool = False

    def holds(self, value: Any) -> bool:
        """Whether `value` satisfies the rule."""
        if not isinstance(value, list):
            return self.several != "yes" and self._one(value)
        if self.several == "no" or not all(one != "" and self._one(one) for one in value):
            return False
        if not value:
            return self.empty
        if self.length:
            return len(value) == self.length
        rises = all(first < second for first, second in pairwise(value))
        return len(set(value)) == len(value) and (rises or not self.rising)

    def _one(self, value: Any) -> bool:
        if self.kind is bool:
            return isinstance(value, bool)
        if self.kind is str:
            if value == "":
                return self.empty and self.several != "yes"
            return isinstance(value, str) and (value in self.words if self.words else bool(value.strip()))
        if isinstance(value, bool) or not isinstance(value, (int, float) if self.kind is float else int):
            return False
        if isinstance(value, float) and not math.isfinite(value):
            return False
        bounds = (self.least is None or value >= self.least, self.most is None or value <= self.most)
        return all(bounds) and (self.above is None or value > self.above)

    def __str__(self) -> str:
        which = f" of {self.length}" if self.length else " that rises" if self.rising else " without doubles"
        each = {
            "no": "",
            "yes": f"a list{which}, each ",
            "either": f"one, or a list{which}: ",
        }[self.several]
        return each + self._each() + (", or empty" if self.empty else "")

    def _each(self) -> str:
        if self.kind is bool:
            return "true or false"
        if self.kind is str:
            return f"one of {', '.join(self.words)}" if self.words else "a text that is not empty"
        all_bounds = {"above": self.above, "at least": self.least, "at most": self.most}
        bounds = [f"{word} {bound}" for word, bound in all_bounds.items() if bound is not None]
        return f"{'a whole number' if self.kind is int else 'a number'} {' and '.join(bounds)}".strip()


@dataclass(frozen=True)
class Named(Rule):
    """Rule for a mapping whose values are all of one kind: its allowed names, and the rule for its values.

    Attributes
    ----------
    names : that are allowed; none: any.
    empty : whether a mapping without names is allowed.
    needed : names that must be there.
    """

    names: tuple[str, ...]
    each: Rule
    empty: bool = True
    needed: tuple[str, ...] = ()

    def holds(self, value: Any) -> bool:
        """Whether `value` satisfies the rule."""
        return (
            isinstance(value, Mapping)
            and (self.empty or bool(value))
            and set(self.needed) <= set(value)
            and all(
                (name in self.names or not self.names) and self.each.holds(one) for name, one in value.items()
            )
        )

    def __str__(self) -> str:
        some = "" if self.empty else "one or more "
        known = f" ({', '.join(self.names)})" if self.names else ""
        must = f", {' and '.join(self.needed)} among them," if self.needed else ""
        return f"a mapping of {some}names{known}{must} to values, each {self.each}"


@dataclass(frozen=True)
class Fields(Rule):
    """Rule for a mapping, or for a list of such, whose fields each have a rule of their own.

    Attributes
    ----------
    needed, more : field -> rule, of fields that must and that may be there.
    several : whether it is a list of one or more mappings.
    empty : whether the empty mapping is allowed too.
    """

    needed: Mapping[str, Rule]
    more: Mapping[str, Rule]
    several: bool = False
    empty: bool = False

    def holds(self, value: Any) -> bool:
        """Whether `value` satisfies the rule."""
        return not self.fault("", value)

    def fault(self, name: str, value: Any) -> str:
        """Message on the first field that breaks its rule, called `name.field`; empty if none does."""
        if not self.several:
            return self._fault_of_one(name, value)
        if not isinstance(value, list) or not value:
            return f"{name} is {value!r} in this run; allowed is {self}"
        faults = (self._fault_of_one(f"{name}[{place}]", one) for place, one in enumerate(value))
        return next(filter(None, faults), "")

    def _fault_of_one(self, name: str, value: Any) -> str:
        rules = {**self.needed, **self.more}
        if isinstance(value, Mapping) and not value and self.empty:
            return ""
        if not isinstance(value, Mapping) or set(value) - set(rules) or set(self.needed) - set(value):
            return f"{name} is {value!r} in this run; allowed is {self}"
        faults = (rules[key].fault(f"{name}.{key}", one) for key, one in value.items())
        return next(filter(None, faults), "")

    def __str__(self) -> str:
        each = "a list of mappings, each" if self.several else "a mapping"
        optional = f", and perhaps {', '.join(self.more)}" if self.more else ""
        return f"{each} with {', '.join(self.needed)}{optional}{', or empty' if self.empty else ''}"


COUNT = Allowed(least=1)
COUNT_OR_NONE = Allowed(least=0)
"""A number of things; 0 stands for all of them, or for none, as the parameter's comment says."""
FLAG = Allowed(bool)
LEARNING_RATE = Allowed(float, above=0, most=1)
WEIGHT = Allowed(float, least=0)

SHARED: Mapping[str, Rule] = {
    "path": Allowed(str, several="either"),
    "lfw": Allowed(str, several="either", empty=True),
    "size": Allowed(least=16, most=1024),
    "aligned": Allowed(float, above=0, most=1, several="yes", length=2, empty=True),
    "limit": COUNT_OR_NONE,
    "limit_validation": COUNT_OR_NONE,
    "most_test": COUNT_OR_NONE,
    "left_out": Allowed(str, several="yes", empty=True),
    "judges": Allowed(str, words=("pip", "all")),
    "matcher_distorted": FLAG,
    "train": FLAG,
    "batch": COUNT,
    "shown": COUNT,
    "replicates": COUNT,
    "seed": Allowed(least=0, most=2**32 - 1),
}
"""Rules of parameters that mean the same in several chapters; a chapter adds those of its own."""
