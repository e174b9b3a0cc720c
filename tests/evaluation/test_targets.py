"""TODO"""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.evaluation.targets import AIMS, Aim, aims_table, outcome
from lib.faces.faceset import EXPRESSIONS
from lib.judges.registry import CARDS
from tests.exact import exactly

RECALLS = {f"recall_{expression}": 0.9 for expression in EXPRESSIONS}

GOOD = {
    "detect": {"found": 0.99},
    "identity": {"auc": 0.99},
    "gender": {"auc": 0.975},
    "age": {"r": 0.8},
    "emotion": {"recall": 0.6, **RECALLS},
}

DETECTORS = Aim("share at least", "detect", ("found",), 0.98)

GAP = Aim("below photographs by at most", "gender", ("auc",), 0.03, photographs="lfw")


def as_kept(estimate: float, half: float = 0.01) -> dict[str, float | int | None]:
    if math.isnan(estimate):
        return {"estimate": None, "low": None, "high": None, "n": 0}
    return {"estimate": estimate, "low": estimate - half, "high": estimate + half, "n": 50}


def values(**changed: dict[str, float]) -> dict[str, dict[str, dict[str, float | int | None]]]:
    """Figures of all judges that reach every aim, but for those of the judges that are named."""
    return {
        name: {key: as_kept(value) for key, value in {**GOOD[card.task], **changed.get(name, {})}.items()}
        for name, card in CARDS.items()
    }


def reached(table, part: str) -> str:
    (row,) = table[table["aim"].str.contains(part)].to_dict("records")
    return row["reached"]


def test_all_aims_are_reached_where_all_judges_do_well() -> None:
    table = aims_table(values(), {"lfw": values()})
    assert (table["reached"] == "yes").all() and len(table) == len(AIMS) == 8
    gap = table[table["aim"].str.contains("photographs")].iloc[0]
    assert gap["estimate"] == 0 and gap["high"] == pytest.approx(0.01 * np.sqrt(2)) and gap["n"] == 100


def test_each_aim_is_missed_by_one_judge_alone_and_names_it() -> None:
    spoilt = {
        "finds a face": ("mtcnn", "found", 0.97),
        "every recogniser": ("dlib_recogniser", "auc", 0.97),
        "on photographs": ("gender_plain_cnn", "auc", 0.94),
        "every SSR-Net": ("age_ssrnet_wiki", "r", 0.59),
        "other age": ("age_tinyxception", "r", 0.69),
        "mean recall": ("emotion_dense", "recall", 0.49),
        "least recall": ("emotion_dense", "recall_fear", 0.28),
    }
    for part, (judge, measure, value) in spoilt.items():
        table = aims_table(values(**{judge: {measure: value}}), {"lfw": values()})
        missed = table[table["reached"] == "no"]
        assert len(missed) == 1 and part in missed["aim"].iloc[0]
        assert exactly(
            missed[["judge", "measure"]].iloc[0].tolist(),
            [judge, measure],
            because="names, and the value put in",
        )


def test_the_best_network_speaks_for_an_aim_of_the_best() -> None:
    genders = [name for name, card in CARDS.items() if card.task == "gender"]
    weak = {name: {"auc": 0.95} for name in genders}
    assert reached(aims_table(values(**weak), {"lfw": values(**weak)}), "the best gender") == "no"
    weak[genders[2]] = {"auc": 0.971}
    table = aims_table(values(**weak), {"lfw": values(**weak)})
    assert reached(table, "the best gender") == "yes" and genders[2] in table["judge"].tolist()


def test_an_ssr_net_is_no_other_age_network() -> None:
    table = aims_table(values(age_ssrnet_imdb={"r": 0.65}), {"lfw": values()})
    assert (table["reached"] == "yes").all(), "0.65 is enough for an SSR-Net, though not for the others"


def test_a_recall_of_zero_is_the_worst_case_and_not_a_missing_one() -> None:
    table = aims_table(values(emotion_dense={"recall_disgust": 0.0}), {"lfw": values()})
    row = table[table["aim"].str.contains("least recall")].iloc[0]
    assert row["estimate"] == 0 and row["reached"] == "no"


def test_an_undefined_figure_leaves_an_aim_open_but_does_not_hide_a_missed_one() -> None:
    held = outcome(DETECTORS, values(yunet={"found": math.nan}), {})
    assert held.reached is None and held.figure.estimate == pytest.approx(0.99)
    missed = outcome(DETECTORS, values(yunet={"found": math.nan}, mtcnn={"found": 0.5}), {})
    assert missed.reached is False and missed.judge == "mtcnn"


def test_without_judges_or_photographs_nothing_is_claimed() -> None:
    alone = {name: figures for name, figures in values().items() if name == "dlib_frontal"}
    table = aims_table(alone, {})
    assert table["reached"].tolist() == ["yes"] + ["not measured"] * 7
    assert table["judge"].tolist() == ["dlib_frontal"] + [""] * 7
    assert outcome(GAP, values(), {"utkface": values()}).reached is None, "another set is no comparison"
    assert outcome(DETECTORS, {"somebody": {"found": as_kept(0.1)}}, {}).reached is None


@given(st.dictionaries(st.sampled_from(["yunet", "mtcnn", "dlib_frontal"]), st.floats(0, 1), min_size=1))
def test_an_aim_of_every_judge_is_reached_if_each_reaches_it(shares: dict[str, float]) -> None:
    found = outcome(DETECTORS, {name: {"found": as_kept(share)} for name, share in shares.items()}, {})
    assert found.reached == all(share >= DETECTORS.bound for share in shares.values())
    least = min(shares.values())
    assert exactly([found.figure.estimate, shares[found.judge]], [least, least], because="one of the shares")
