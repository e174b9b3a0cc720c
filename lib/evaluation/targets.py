"""Aims of the renderer: what judges should make of its faces, and whether they do.

An aim asks some judges for some measures. The worst figure that they give decides: the least, or, where an
aim is about the distance to photographs, the largest gap. It is picked after it was seen, so its interval is
that of one judge and not of the worst of many.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from lib.faces.faceset import EXPRESSIONS
from lib.judges.base import ModelCard, Task
from lib.judges.registry import CARDS
from lib.measures.estimate import Estimate, undefined_estimate
from lib.measures.significance import independent_difference

Values = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""Judge, measure, and a figure as results keep it (`reality_check.as_values`)."""


@dataclass(frozen=True)
class Aim:
    """What was to be reached.

    Attributes
    ----------
    text : for a table, in front of `bound`.
    task : of the judges that are asked.
    measures : which of their figures count, each for itself.
    bound : the least value; with `photographs` the largest.
    photographs : name of the set by which the same judge is measured: the figure is then photographs minus
        rendered; empty for the figure on rendered faces itself.
    family : only judges with this in their name; with `others` only the rest.
    best : only the best judge is asked.
    """

    text: str
    task: Task
    measures: tuple[str, ...]
    bound: float
    photographs: str = ""
    family: str = ""
    others: bool = False
    best: bool = False

    def asks(self, card: ModelCard) -> bool:
        """Whether this judge's figures count."""
        return card.task == self.task and (self.family in card.name) != self.others

    def reached(self, value: float) -> bool:
        """Whether a figure of `value` is good enough."""
        return value <= self.bound if self.photographs else value >= self.bound


AIMS = (
    Aim("every detector finds a face, share at least", "detect", ("found",), 0.98),
    Aim("every recogniser, AUC at least", "identity", ("auc",), 0.98),
    Aim(
        "every gender network, AUC below its own on photographs by at most",
        "gender",
        ("auc",),
        0.03,
        photographs="lfw",
    ),
    Aim("the best gender network, AUC at least", "gender", ("auc",), 0.97, best=True),
    Aim("age, correlation of every SSR-Net at least", "age", ("r",), 0.6, family="ssrnet"),
    Aim(
        "age, correlation of the other age networks at least",
        "age",
        ("r",),
        0.7,
        family="ssrnet",
        others=True,
    ),
    Aim("expression, mean recall of every network at least", "emotion", ("recall",), 0.5),
    Aim(
        "expression, least recall of any expression by any network at least",
        "emotion",
        tuple(f"recall_{expression}" for expression in EXPRESSIONS),
        2 / len(EXPRESSIONS),
    ),
)
"""Set before the work on this version began."""


@dataclass(frozen=True)
class Outcome:
    """The figure that decides about an aim.

    Attributes
    ----------
    judge, measure : whose figure; empty where nobody was asked.
    figure : on rendered faces, or photographs minus rendered faces.
    reached : None where it cannot be said: nobody was asked, or an asked judge has no figure.
    """

    judge: str
    measure: str
    figure: Estimate
    reached: bool | None


def outcome(
    aim: Aim, rendered: Values, photographs: Mapping[str, Values], cards: Mapping[str, ModelCard] = CARDS
) -> Outcome:
    """Hold `aim` against the figures of the judges in `rendered`.

    Parameters
    ----------
    rendered : figures on rendered faces.
    photographs : figures on photographs, by set.
    cards : of all judges; others in `rendered` are left out.
    """
    asked = list(_asked(aim, rendered, photographs.get(aim.photographs, {}), cards))
    told = [one for one in asked if one[2].defined]
    if not told:
        return Outcome("", "", undefined_estimate("no judge was asked"), None)
    highest = aim.best != bool(aim.photographs)
    judge, measure, figure = (max if highest else min)(told, key=lambda one: one[2].estimate)
    reached = aim.reached(figure.estimate)
    open_still = reached and not aim.best and len(told) < len(asked)
    return Outcome(judge, measure, figure, None if open_still else reached)


def _asked(
    aim: Aim, rendered: Values, photographs: Values, cards: Mapping[str, ModelCard]
) -> Iterator[tuple[str, str, Estimate]]:
    """Judge, measure and figure of all that an aim asks for."""
    for name, figures in rendered.items():
        if name not in cards or not aim.asks(cards[name]):
            continue
        for measure in aim.measures:
            figure = _figure(figures, measure)
            if aim.photographs:
                figure = independent_difference(_figure(photographs.get(name, {}), measure), figure)
            yield name, measure, figure


def _figure(figures: Mapping[str, Mapping[str, Any]], measure: str) -> Estimate:
    return Estimate.from_dict(figures[measure]) if measure in figures else undefined_estimate("not measured")


def aims_table(
    rendered: Values,
    photographs: Mapping[str, Values],
    aims: Sequence[Aim] = AIMS,
    cards: Mapping[str, ModelCard] = CARDS,
) -> pd.DataFrame:
    """One row an aim: `aim`, `bound`, `judge`, `measure`, `estimate`, `low`, `high`, `n`, `reached`.

    `reached` is `yes`, `no` or `not measured`; parameters as in `outcome`.
    """
    said = {True: "yes", False: "no", None: "not measured"}
    rows = []
    for aim in aims:
        found = outcome(aim, rendered, photographs, cards)
        rows.append(
            {
                "aim": aim.text,
                "bound": aim.bound,
                "judge": found.judge,
                "measure": found.measure,
                **{key: getattr(found.figure, key) for key in ("estimate", "low", "high", "n")},
                "reached": said[found.reached],
            }
        )
    return pd.DataFrame(rows)
