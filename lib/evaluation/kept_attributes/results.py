"""What the page keeps as results, and the faces that it shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Unpack

import numpy as np
import pandas as pd

from lib.evaluation.kept_attributes.expressions import ExpressionTest
from lib.evaluation.kept_attributes.labels import label_name
from lib.evaluation.kept_attributes.repainted import (
    BEST,
    NEW,
    ORIGINAL,
    OURS,
    OURS_RECONSTRUCTION,
    PAPER,
    RECONSTRUCTION,
    angle_name,
)
from lib.faces.faceset import EXPRESSIONS, FaceSet
from lib.faces.titles import title
from lib.judges.base import Judgement
from lib.measures.estimate import Estimate, as_estimate
from lib.measures.resampling import BootstrapOptions

SHOWN = ("happy", "surprise", "angry", "sad", "fear", "disgust", "neutral")
"""Expressions in the order in which faces are shown."""
JUDGED = "photographs, judge"
_SETS: Mapping[str, str] = {"fer2013": "FER-2013", "jaffe": "JAFFE"}
FRONTAL = 15.0
"""Degrees of yaw below which a face is shown."""


def figure_treatments(best: float) -> dict[str, str]:
    """Treatment of figure 9, of the best angle and ours, as results call it -> as pictures are called."""
    angles = {angle_name(angle): angle_name(angle) for angle in PAPER}
    return {ORIGINAL: ORIGINAL, **angles, BEST: angle_name(best), OURS: OURS}


def expression_results(
    test: ExpressionTest, best: float, **draws: Unpack[BootstrapOptions]
) -> dict[str, Any]:
    """Results of one set: the `judge` quoted and its `expression_f`, those of all `judges`, and parts kept.

    Parameters
    ----------
    best : angle in degrees that counts as the best one.

    Returns
    -------
    `expression_f` by treatment; `judges` by judge and treatment; `part_of_reconstruction` by treatment, of
    the judge quoted: `ours` and, where attributes are cleaned, `new` (not cleaned) against the reconstruction
    by their own network, angles against that at 0;
    `difference` in F by `painting` (0 less original) and by `turning` (the best angle less 0); `agreement`
    (kappa) of what the judge quoted says with what it says of the original.
    """
    renewed = {name: name for name in (NEW, OURS) if name in test.said[test.first]}
    named = {**figure_treatments(best), **renewed, OURS_RECONSTRUCTION: OURS_RECONSTRUCTION}
    by = {
        judge: {name: test.f(treatment, judge, **draws) for name, treatment in named.items()}
        for judge in test.said
    }
    parts = {
        name: test.part(treatment, OURS_RECONSTRUCTION if name in renewed else RECONSTRUCTION, **draws)
        for name, treatment in {**figure_treatments(best), **renewed}.items()
    }
    own = {name: by[test.first][name] for name in figure_treatments(best)}
    steps_between = {
        "painting": test.difference(RECONSTRUCTION, ORIGINAL, **draws),
        "turning": test.difference(angle_name(best), RECONSTRUCTION, **draws),
    }
    agreement = {
        name: test.agreement(treatment, ORIGINAL, **draws)
        for name, treatment in figure_treatments(best).items()
        if name != ORIGINAL
    }
    return {
        "judge": test.first,
        "expression_f": own,
        "judges": by,
        "part_of_reconstruction": parts,
        "difference": steps_between,
        "agreement": agreement,
    }


def label_results(
    records: Iterable[Mapping[str, Any]], groups: Iterable[Mapping[str, Any]]
) -> dict[str, Any]:
    """Results of the other labels: `kept.<label>.<treatment>` and `kept_groups.<group>.<treatment>`."""
    kept: dict[str, dict[str, Any]] = {}
    for one in records:
        if "of_reconstruction" in one:
            kept.setdefault(one["label"], {})[one["treatment"]] = one["of_reconstruction"]
    by_group: dict[str, dict[str, Any]] = {}
    for one in groups:
        name = one["group"].replace(" ", "_")
        by_group.setdefault(name, {})[one["treatment"]] = one["of_reconstruction"]
    return {"kept": kept, "kept_groups": by_group}


def shown_rows(faces: FaceSet, count: int) -> np.ndarray:
    """Rows to be shown: one face of each expression, of different subjects, seen from the front.

    Parameters
    ----------
    count : faces at most; neutral comes last.
    """
    labels = faces.labels
    frontal = labels["yaw"].abs().to_numpy(float) < FRONTAL if "yaw" in labels else np.ones(len(faces), bool)
    for hidden in ("Occluded", "Sunglasses", "Wearing_Hat"):
        if hidden in labels:
            frontal &= ~labels[hidden].fillna(False).to_numpy(bool)
    taken: list[int] = []
    people: set[str] = set()
    for expression in SHOWN:
        own = np.flatnonzero((labels["expression"] == expression).to_numpy() & frontal)
        new = [int(row) for row in own if faces.subjects[row] not in people]
        if new and len(taken) < count:
            taken.append(new[0])
            people.add(str(faces.subjects[new[0]]))
    return np.array(taken, int)


def captions(judgement: Judgement) -> list[str]:
    """Below each face, what a judge of emotion reads and how surely: `happy 0.97`."""
    texts = []
    for found, values in zip(judgement.acquired, judgement.values, strict=True):
        at = int(np.argmax(values)) if found else -1
        texts.append(f"{EXPRESSIONS[at]} {values[at]:.2f}" if found else "no face")
    return texts


def beside_paper(
    printed: Mapping[str, float], test: ExpressionTest, **draws: Unpack[BootstrapOptions]
) -> list[dict[str, Any]]:
    """The paper's mean F and that of each judge here, as records with row, series and figure.

    Parameters
    ----------
    printed : treatment -> F of figure 9, on four of seven expressions of JAFFE, without intervals.
    """
    rows: list[dict[str, Any]] = []
    for treatment, value in printed.items():
        row = treatment if treatment == ORIGINAL else f"{treatment} degrees"
        none = {"estimate": value, "low": None, "high": None, "n": 0}
        rows.append({"row": row, "series": "the paper", "figure": none})
        rows += [
            {"row": row, "series": judge_title(judge), "figure": test.f(treatment, judge, **draws)}
            for judge in test.said
        ]
    return rows


def judge_title(judge: str) -> str:
    """What figures call a judge: `reader_residual_fer2013` as residual reader, `emotion_dense` as dense."""
    kind, _, rest = judge.partition("_")
    if kind == "reader":
        return f"{rest.partition('_')[0]} reader"
    return rest.replace("_", " ") or judge


def steps(
    pictures: Mapping[str, np.ndarray], said: Mapping[str, Sequence[str]], treatments: Iterable[str]
) -> list[tuple[list[np.ndarray], list[str]]]:
    """Frames of a slider: faces under each treatment and the texts below them."""
    return [(list(pictures[name]), list(said[name])) for name in treatments]


def all_f(tests: Iterable[ExpressionTest], **draws: Unpack[BootstrapOptions]) -> pd.DataFrame:
    """F of every judge under every treatment, of all sets: `ExpressionTest.table` below each other."""
    return pd.concat([one.table(one.said[one.first], **draws) for one in tests], ignore_index=True)


def all_confusions(tests: Iterable[ExpressionTest], best: float) -> pd.DataFrame:
    """Counts of every judge under the treatments of figure 9, of all sets."""
    treatments = list(dict.fromkeys(figure_treatments(best).values()))
    return pd.concat([one.confusions(treatments) for one in tests], ignore_index=True)


def kept_rows(records: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Kept shares of `labels.kept_labels` as `figures.kept_attributes.label_panels` takes them."""
    return _figures(
        {
            "row": label_name(one["label"]),
            "series": one["treatment"],
            "group": one["group"],
            "figure": one["of_reconstruction"],
        }
        for one in records
        if "of_reconstruction" in one
    )


def group_rows(groups: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Kept shares of `labels.group_means` as `figures.kept_attributes.kept_dots` takes them."""
    return _figures(
        {
            "row": f"{one['group']} ({one['labels']} label{'s' * (one['labels'] > 1)})",
            "series": one["treatment"],
            "figure": one["of_reconstruction"],
        }
        for one in groups
    )


def set_title(name: str) -> str:
    """What a sentence calls a set of photographs."""
    return _SETS.get(name) or title(name)


def photographs_table(values: Mapping[str, Any]) -> pd.DataFrame:
    """F on sets of photographs by set and judge, from the results of the profile `real`.

    Parameters
    ----------
    values : of that result; empty: not measured.

    Returns
    -------
    Columns `photographs, judge`, and F of the paper's treatments and of ours; no rows where there is nothing.
    """
    columns = {ORIGINAL: ORIGINAL, **{angle_name(one): f"{one}°" for one in PAPER}, OURS: OURS}
    rows = [
        {JUDGED: f"{set_title(name)}, {judge_title(judge)}"}
        | {heading: f"{as_estimate(by[one]):.2f}" for one, heading in columns.items()}
        for name, own in values.items()
        if isinstance(own, Mapping)
        for judge, by in own.get("judges", {}).items()
    ]
    return pd.DataFrame(rows, columns=[JUDGED, *columns.values()])


def method_results(records: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Treatment -> `kept` of the expression, and `tmr_at_fmr_1` of the strongest attacker where known."""
    return {
        one["treatment"].replace(" ", "_"): {
            "kept": one["kept"],
            **({"tmr_at_fmr_1": one["tmr"]} if one["tmr"] is not None else {}),
        }
        for one in records
    }


def summary(found: Mapping[str, Any], kept: Iterable[Mapping[str, Any]], judge: str) -> pd.DataFrame:
    """The page's table: a row for each treatment of figure 9.

    Parameters
    ----------
    found : of `expression_results`. kept : of `labels.kept_labels`. judge : the one quoted.
    """
    shares = {(one["label"], one["treatment"]): one.get("of_reconstruction") for one in kept}
    second = next((name for name in found["judges"] if name != judge), None)
    rows = []
    for name, own in found["expression_f"].items():
        row = {"picture": name, "F": f"{own:.2f}"}
        if second:
            row["F, second judge"] = f"{found['judges'][second][name]:.2f}"
        row["part of the reconstruction's"] = f"{found['part_of_reconstruction'][name]:.2f}"
        for label, heading in (("Male", "perceived gender kept"), ("age", "age kept")):
            share: Estimate | None = shares.get((label, name))
            row[heading] = f"{share:.2f}" if share else "–"
        rows.append(row)
    return pd.DataFrame(rows)


def _figures(records: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Records with a `figure` as a table with its estimate, low, high and n."""
    rows = [
        {name: value for name, value in one.items() if name != "figure"} | one["figure"].to_dict()
        for one in records
    ]
    if not rows:
        return pd.DataFrame(columns=["row", "series", "group", "estimate", "low", "high", "n"])
    return pd.DataFrame(rows).astype(dict.fromkeys(("estimate", "low", "high"), float))
