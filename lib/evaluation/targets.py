"""Compare results with the targets in front/targets.yml, which were set in advance.

Of all figures that a target is about the worst decides: the least, or, where less is better, the largest. It
is picked after it was seen, so its interval is that of one figure and not of the worst of many. A figure that
was not measured could be the worst: it leaves a target open that the others reach. A figure by a judge that
cannot judge (`Target.able`) is left out, and named.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from lib.judges.base import ModelCard
from lib.judges.registry import CARDS
from lib.measures.estimate import Estimate, estimates_in, undefined_estimate
from lib.measures.significance import independent_difference

FILE = Path(__file__).resolve().parents[2] / "front" / "targets.yml"
"""All targets, in named lists."""
ABLE = 0.5
"""Least value of the figure that `Target.able` names."""
SET_ANEW = "bound set anew after earlier networks had been measured on these subjects"
"""What the mark * at a bound means; what it was before stands beside it."""


@dataclass(frozen=True)
class Target:
    """Target: a bound for some figures of a chapter.

    Attributes
    ----------
    text : for a table, in front of the bound.
    chapter : whose results.
    figures : dotted names of the figures it is about, with `*` for any part. `celeba|lfw.a.b` asks for both
        `celeba.a.b` and `lfw.a.b`.
    bound : least value, or with `most` the largest one.
    most : whether less is better.
    of, below : parts of a name; the figure is then how far that of `of` lies below the one whose name has
        `below` in its place. The interval takes both for independent; where they are of the same pictures it
        is too wide.
    task : of a judge; each `*` stands for each judge of this task, and a judge without the figure leaves the
        target open. Empty: `*` stands for whatever has a figure.
    family : only judges with this in their name; with `others` only the rest.
    best : the best figure decides, not the worst.
    was : earlier bound, or `none`, where it was set anew after earlier networks had been measured on these
        subjects; empty: it never changed.
    able : name of the figure that must reach ABLE for a figure to count, such as what the same judge reaches
        untouched; `{0}` stands for the first part of the figure's own name, and so on. Empty: all count.
    """

    text: str
    chapter: str
    figures: tuple[str, ...]
    bound: float
    most: bool = False
    of: str = ""
    below: str = ""
    task: str = ""
    family: str = ""
    others: bool = False
    best: bool = False
    was: str = ""
    able: str = ""

    @property
    def marked_bound(self) -> str:
        """The bound for a table: `0.1`, or `0.1* (before: 0.05)` where it was set anew."""
        return f"{self.bound:g}" + (f"* (before: {self.was})" if self.was else "")

    def asks(self, card: ModelCard) -> bool:
        """Whether the figures of this judge count."""
        return card.task == self.task and (self.family in card.name) != self.others

    @property
    def patterns(self) -> tuple[str, ...]:
        """`figures` with each `a|b` written out; each of them must have a figure."""
        parts = [[part.split("|") for part in name.split(".")] for name in self.figures]
        return tuple(".".join(one) for each in parts for one in product(*each))

    @property
    def data_sets(self) -> tuple[str, ...]:
        """Data sets that it demands together: those joined by `|` at the beginning of a name."""
        firsts = [name.split(".")[0].split("|") for name in self.figures]
        return tuple(dict.fromkeys(one for names in firsts if len(names) > 1 for one in names))

    def reached(self, value: float) -> bool:
        """Whether a figure of `value` meets the bound."""
        return value <= self.bound if self.most else value >= self.bound


@dataclass(frozen=True)
class Outcome:
    """The figure that decides whether a target is reached.

    Attributes
    ----------
    name : dotted name of the figure within the chapter; empty where there is none.
    figure : its value, or the difference that the target is about.
    reached : None where it cannot be said: a figure is missing that could be the worst.
    missing : names, or names with `*`, of the figures that were not measured.
    left_out : names of the figures whose judge cannot judge, see `Target.able`.
    judged : name -> the figures of which it is the worst.
    """

    name: str
    figure: Estimate
    reached: bool | None
    missing: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    judged: Mapping[str, Estimate] = field(default_factory=dict)

    @property
    def in_a_word(self) -> str:
        """`yes`, `no`, `not measured`, or `cannot be judged` where no figure is left."""
        if self.reached is None and self.left_out and not self.judged:
            return "cannot be judged"
        return {True: "yes", False: "no", None: "not measured"}[self.reached]


def read_targets(name: str, path: str | Path = FILE) -> tuple[Target, ...]:
    """Read one list of targets from the YAML file.

    Parameters
    ----------
    name : of the list, `rendered_faces` or `semi_adversarial`.
    path : of the YAML file; an entry has the fields of `Target`, its bound as `least` or as `most`.

    Raises
    ------
    ValueError : there is no such list, or an entry lacks a field, has one too many or not exactly one bound.
    """
    lists = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    if name not in lists:
        raise ValueError(f"{path}: no list {name!r}; there are {', '.join(lists)}")
    return tuple(_target(entry, f"{path}: {name}, entry {at}") for at, entry in enumerate(lists[name], 1))


def target_of(targets: Iterable[Target], chapter: str, figure: str) -> Target:
    """The target of one figure, `figure` being its dotted name as in `Target.patterns`.

    Raises
    ------
    KeyError : not exactly one target lists it.
    """
    found = [one for one in targets if one.chapter == chapter and figure in one.patterns]
    if len(found) != 1:
        raise KeyError(f"{len(found)} targets of {chapter} list {figure}")
    return found[0]


def bound_of(targets: Iterable[Target], chapter: str, figure: str) -> float:
    """Bound of `target_of`."""
    return target_of(targets, chapter, figure).bound


def _target(entry: Mapping[str, Any], where: str) -> Target:
    bounds = [key for key in ("least", "most") if key in entry]
    if len(bounds) != 1:
        raise ValueError(f"{where}: needs `least` or `most`, and has {' and '.join(bounds) or 'neither'}")
    rest = {key: value for key, value in entry.items() if key not in (*bounds, "figures")}
    try:
        return Target(
            figures=tuple(entry["figures"]),
            bound=float(entry[bounds[0]]),
            most=bounds[0] == "most",
            **rest,
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"{where}: {error}") from error


def outcome(target: Target, values: Mapping[str, Any], cards: Mapping[str, ModelCard] = CARDS) -> Outcome:
    """Decide whether results reach `target`.

    Parameters
    ----------
    values : of the results of its chapter, nested as they are kept.
    cards : of the judges that a target with a `task` may ask.

    Raises
    ------
    ValueError : the chapter has results, but none of a data set that the target demands.
    """
    absent = [name for name in target.data_sets if values and name not in values]
    if absent:
        raise ValueError(
            f"{target.chapter}: the goal {target.text!r} counts {' and '.join(target.data_sets)}, but the "
            f"results have no {' and no '.join(absent)}: run the chapter on all of them"
        )
    known = estimates_in(values)
    every = dict(_asked(target, known, cards))
    left_out = tuple(name for name in every if not _able(target, name, known))
    asked = {name: figure for name, figure in every.items() if name not in left_out}
    told = {name: figure for name, figure in asked.items() if figure.defined}
    missing = tuple(name for name in asked if name not in told)
    if not told:
        return Outcome("", undefined_estimate("not measured"), None, missing, left_out)
    highest = target.most != target.best
    name = (max if highest else min)(told, key=lambda one: told[one].estimate)
    reached = target.reached(told[name].estimate)
    is_open = bool(missing) and reached and not target.best
    return Outcome(name, told[name], None if is_open else reached, missing, left_out, told)


def _able(target: Target, name: str, known: Mapping[str, Estimate]) -> bool:
    """Whether the judge of a figure can judge; one of whom that is not known counts."""
    if not target.able or name not in known:
        return True
    one = known.get(target.able.format(*name.split(".")))
    return one is None or not one.defined or one.estimate >= ABLE


def _asked(
    target: Target, known: Mapping[str, Estimate], cards: Mapping[str, ModelCard]
) -> Iterator[tuple[str, Estimate]]:
    """Name and value of each figure that a target covers; undefined where it was not measured."""
    absent = undefined_estimate("not measured")
    for name in _names(target, known, cards):
        figure = known.get(name, absent)
        if target.below:
            other = ".".join(target.below if part == target.of else part for part in name.split("."))
            figure = independent_difference(known.get(other, absent), figure)
        yield name, figure


def _names(target: Target, known: Mapping[str, Estimate], cards: Mapping[str, ModelCard]) -> Iterator[str]:
    if not target.task:
        for pattern in target.patterns:  # one that nothing matches stays, and has no figure
            yield from [name for name in known if fnmatchcase(name, pattern)] or [pattern]
        return
    before = target.figures[0].split("*")[0]
    judges = (name.removeprefix(before).split(".")[0] for name in known if name.startswith(before))
    for judge in dict.fromkeys(judges):
        if judge in cards and target.asks(cards[judge]):
            yield from (pattern.replace("*", judge) for pattern in target.figures)


def targets_table(
    targets: Sequence[Target],
    values: Mapping[str, Mapping[str, Any]],
    cards: Mapping[str, ModelCard] = CARDS,
) -> pd.DataFrame:
    """Table of targets and outcomes, one row per target.

    Parameters
    ----------
    values : of the results by chapter; a target of a chapter that is not there was not measured.
    cards : as in `outcome`.

    Returns
    -------
    Columns target, bound, figure (a name), estimate, low, high, n, reached (`Outcome.in_a_word`), missing
    (names of the figures that were not measured), left out (names of those whose judge cannot judge).

    Raises
    ------
    ValueError : as `outcome`.
    """
    rows = []
    for target in targets:
        found = outcome(target, values.get(target.chapter, {}), cards)
        rows.append(
            {
                "target": target.text,
                "bound": target.bound,
                "figure": found.name,
                **{key: getattr(found.figure, key) for key in ("estimate", "low", "high", "n")},
                "reached": found.in_a_word,
                "missing": ", ".join(found.missing),
                "left out": ", ".join(found.left_out),
            }
        )
    return pd.DataFrame(rows)


def goals_table(targets: Sequence[Target], values: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """`targets_table` in words, for a page and its CSV.

    Parameters
    ----------
    values : as for `targets_table`.

    Returns
    -------
    Columns chapter, goal, bound (`Target.marked_bound`), figure that decides (with its interval), whose,
    reached, not measured yet, left out, before (the earlier bound, see SET_ANEW).
    """
    table = targets_table(targets, values)
    said = [
        f"{row['estimate']:.3f} [{row['low']:.3f}, {row['high']:.3f}]" if row["figure"] else ""
        for row in table.to_dict("records")
    ]
    return pd.DataFrame(
        {
            "chapter": [one.chapter for one in targets],
            "goal": table["target"],
            "bound": [one.marked_bound for one in targets],
            "figure that decides": said,
            "whose": [_in_words(name) for name in table["figure"]],
            "reached": [_reached_words(one, values) for one in targets],
            "not measured yet": table["missing"],
            "left out": table["left out"],
            "before": [one.was for one in targets],
        }
    )


def _reached_words(target: Target, values: Mapping[str, Mapping[str, Any]]) -> str:
    """`Outcome.in_a_word`, and whether an interval of a goal that is reached crosses its bound."""
    found = outcome(target, values.get(target.chapter, {}))
    ends = [one.high if target.most else one.low for one in found.judged.values()]
    crosses = bool(found.reached) and not all(map(target.reached, ends))
    return f"{found.in_a_word}, but an interval crosses the bound" if crosses else found.in_a_word


def _in_words(name: str) -> str:
    """Whose figure it is: `celeba.tmr_loss.unseen_dlib.op` as `unseen dlib, celeba`."""
    first, *rest = name.split(".")
    named = [part for part in rest if "_" in part and part.split("_")[0] in _JUDGES]
    who = (named or rest or [""])[0].replace("_", " ")
    who = "strongest of all" if who == "tradeoff" else who
    return f"{who}, {first}" if rest else first


_JUDGES = ("trained", "unseen", "published", "attacker", "gender")


def judge_targets_table(
    rendered: Mapping[str, Any],
    photographs: Mapping[str, Any],
    targets: Sequence[Target] | None = None,
    cards: Mapping[str, ModelCard] = CARDS,
) -> pd.DataFrame:
    """`targets_table` for rendered faces, with `judge` and `measure` instead of the figure's name.

    Its `missing` and `left out` are not there: `reached` says it.

    Parameters
    ----------
    rendered : figures on rendered faces, by judge and measure.
    photographs : the same on photographs, by set.
    targets : None takes the list `rendered_faces`.
    cards : as in `outcome`.
    """
    targets = read_targets("rendered_faces") if targets is None else targets
    values = {target.chapter: {"rendered": rendered, **photographs} for target in targets}
    table = targets_table(targets, values, cards).drop(columns=["missing", "left out"])
    parts = [name.split(".") if name else ["", "", ""] for name in table.pop("figure")]
    table.insert(2, "judge", [judge for _, judge, _ in parts])
    table.insert(3, "measure", [measure for _, _, measure in parts])
    return table
