"""What was to be reached, held against results: the worst figure that a goal is about decides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

import pandas as pd

from lib.measures.estimate import Estimate, estimates_in
from lib.measures.significance import independent_difference


@dataclass(frozen=True)
class Goal:
    """A bound for some figures of a chapter.

    Attributes
    ----------
    text : for a table, in front of the bound.
    chapter : whose results.
    names : dotted names of the figures it is about, with `*`.
    bound : least value, or with `most` the largest one.
    most : whether less is better.
    below : name of another treatment: the figure is then how far that of the treatment `op` lies below that
        of this one. The interval takes both for independent; they are of the same pictures, so it is too
        wide.
    """

    text: str
    chapter: str
    names: tuple[str, ...]
    bound: float
    most: bool = False
    below: str = ""

    def reached(self, value: float) -> bool:
        """Whether a figure of `value` is good enough."""
        return value <= self.bound if self.most else value >= self.bound


HELD_OUT = ("unseen_*", "published_*")
STRANGERS = ("published_mobilefacenet_casia", "published_reid0095")
"""Recognisers that had no part in `ours_private`."""

SEMI_ADVERSARIAL = (
    Goal(
        "gender classifier, accuracy on CelebA at least",
        "03_san_pretraining",
        ("gender_classifier.accuracy",),
        0.95,
    ),
    Goal(
        "the same on LFW, balanced accuracy at least",
        "03_san_pretraining",
        ("gender_classifier.lfw.balanced_accuracy",),
        0.90,
    ),
    Goal("the same on LFW, AUC at least", "03_san_pretraining", ("gender_classifier.lfw.auc",), 0.97),
    Goal("pre-trained autoencoder, PSNR in dB at least", "03_san_pretraining", ("autoencoder.psnr",), 27.5),
    Goal("OP, PSNR in dB at least", "04_san_training", ("celeba.psnr.op",), 25.0),
    Goal(
        "classifier of training, AUC on OP at most",
        "05_gender_roc",
        ("celeba.trained_gender.op.auc",),
        0.30,
        most=True,
    ),
    Goal(
        "classifier of training, AUC on SM at least", "05_gender_roc", ("celeba.trained_gender.sm.auc",), 0.95
    ),
    Goal(
        "every other classifier, AUC on OP below the control's by at least",
        "05_gender_roc",
        tuple(f"celeba.{judge}.op.auc" for judge in HELD_OUT),
        0.10,
        below="control",
    ),
    Goal(
        "every other classifier, AUC on OP below that on the first authors' OP",
        "05_gender_roc",
        tuple(f"celeba.{judge}.op.auc" for judge in HELD_OUT),
        0.0,
        below="authors_op",
    ),
    Goal(
        "every matcher of another make, TMR lost on OP at most",
        "06_matching_roc",
        tuple(f"celeba.tmr_loss.{matcher}.op" for matcher in HELD_OUT),
        0.05,
        most=True,
    ),
    Goal(
        "private, AUC of the worst attacker at most",
        "05_gender_roc",
        ("celeba.attacker_*.private.auc_free",),
        0.72,
        most=True,
    ),
    Goal(
        "private, the same with ever more subjects, and who reads embeddings too, at most",
        "06_matching_roc",
        ("celeba.tradeoff.private.auc_free",),
        0.72,
        most=True,
    ),
    Goal(
        "private against private, TMR at FMR 1 % of matchers without a part, at least",
        "06_matching_roc",
        tuple(f"celeba.{matcher}.private_private.tmr_at_fmr_1" for matcher in STRANGERS),
        0.80,
    ),
    Goal(
        "private against the photograph, TMR at FMR 1 % of the same, at least",
        "06_matching_roc",
        tuple(f"celeba.{matcher}.private.tmr_at_fmr_1" for matcher in STRANGERS),
        0.50,
    ),
)
"""Set before the networks were trained."""


def goals_table(goals: Sequence[Goal], values: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """One row a goal: `goal`, `bound`, `figure` (its name), `estimate`, `low`, `high`, `n`, `reached`.

    Parameters
    ----------
    values : of the results by chapter; a goal of a chapter that is not there was `not measured`.
    """
    return pd.DataFrame([_row(goal, dict(_asked(goal, values.get(goal.chapter, {})))) for goal in goals])


def _asked(goal: Goal, values: Mapping[str, Any]) -> Iterator[tuple[str, Estimate]]:
    known = estimates_in(values)
    for name, figure in known.items():
        if not any(fnmatchcase(name, pattern) for pattern in goal.names) or not figure.defined:
            continue
        if not goal.below:
            yield name, figure
        elif (other := name.replace(".op.", f".{goal.below}.")) in known:
            yield name, independent_difference(known[other], figure)


def _row(goal: Goal, found: Mapping[str, Estimate]) -> dict[str, Any]:
    row: dict[str, Any] = {"goal": goal.text, "bound": goal.bound}
    if not found:
        nothing = dict.fromkeys(("estimate", "low", "high", "n"), float("nan"))
        return row | {"figure": "", **nothing, "reached": "not measured"}
    name = (max if goal.most else min)(found, key=lambda one: found[one].estimate)
    worst = found[name]
    told = {key: getattr(worst, key) for key in ("estimate", "low", "high", "n")}
    return row | {"figure": name, **told, "reached": "yes" if goal.reached(worst.estimate) else "no"}
