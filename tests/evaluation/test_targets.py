"""Targets are held against the worst of the figures that they are about."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.evaluation.targets import (
    Target,
    bound_of,
    goals_table,
    judge_targets_table,
    outcome,
    read_targets,
    targets_table,
)
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

DETECTORS = Target("share at least", "01_faces", ("rendered.*.found",), 0.98, task="detect")

GAP = Target(
    "below photographs by at most",
    "01_faces",
    ("rendered.*.auc",),
    0.03,
    most=True,
    of="rendered",
    below="lfw",
    task="gender",
)


def as_kept(estimate: float, half: float = 0.01) -> dict[str, float | int | None]:
    if math.isnan(estimate):
        return {"estimate": None, "low": None, "high": None, "n": 0}
    return {"estimate": estimate, "low": estimate - half, "high": estimate + half, "n": 50}


def values(**changed: dict[str, float]) -> dict[str, dict[str, dict[str, float | int | None]]]:
    """Figures of all judges that reach every target, but for those of the judges that are named."""
    return {
        name: {key: as_kept(value) for key, value in {**GOOD[card.task], **changed.get(name, {})}.items()}
        for name, card in CARDS.items()
    }


def reached(table, part: str) -> str:
    (row,) = table[table["target"].str.contains(part)].to_dict("records")
    return row["reached"]


def test_all_targets_are_reached_where_all_judges_do_well() -> None:
    table = judge_targets_table(values(), {"lfw": values()})
    assert (table["reached"] == "yes").all() and len(table) == 8
    gap = table[table["target"].str.contains("photographs")].iloc[0]
    assert gap["estimate"] == 0 and gap["high"] == pytest.approx(0.01 * np.sqrt(2)) and gap["n"] == 100


def test_each_target_is_missed_by_one_judge_alone_and_names_it() -> None:
    spoilt = {
        "finds a face": ("mtcnn", "found", 0.97),
        "every matcher": ("dlib_recogniser", "auc", 0.97),
        "on photographs": ("gender_plain_cnn", "auc", 0.94),
        "every SSR-Net": ("age_ssrnet_wiki", "r", 0.59),
        "other age": ("age_tinyxception", "r", 0.69),
        "mean recall": ("emotion_dense", "recall", 0.49),
        "least recall": ("emotion_dense", "recall_fear", 0.28),
    }
    for part, (judge, measure, value) in spoilt.items():
        table = judge_targets_table(values(**{judge: {measure: value}}), {"lfw": values()})
        missed = table[table["reached"] == "no"]
        assert len(missed) == 1 and part in missed["target"].iloc[0]
        assert exactly(
            missed[["judge", "measure"]].iloc[0].tolist(),
            [judge, measure],
            because="names, and the value put in",
        )


def test_the_best_network_speaks_for_a_target_of_the_best() -> None:
    genders = [name for name, card in CARDS.items() if card.task == "gender"]
    weak = {name: {"auc": 0.95} for name in genders}
    assert reached(judge_targets_table(values(**weak), {"lfw": values(**weak)}), "the best gender") == "no"
    weak[genders[2]] = {"auc": 0.971}
    table = judge_targets_table(values(**weak), {"lfw": values(**weak)})
    assert reached(table, "the best gender") == "yes" and genders[2] in table["judge"].tolist()


def test_an_ssr_net_is_no_other_age_network() -> None:
    table = judge_targets_table(values(age_ssrnet_imdb={"r": 0.65}), {"lfw": values()})
    assert (table["reached"] == "yes").all(), "0.65 is enough for an SSR-Net, though not for the others"


def test_a_recall_of_zero_is_the_worst_case_and_not_a_missing_one() -> None:
    table = judge_targets_table(values(emotion_dense={"recall_disgust": 0.0}), {"lfw": values()})
    row = table[table["target"].str.contains("least recall")].iloc[0]
    assert row["estimate"] == 0 and row["reached"] == "no"


def test_an_undefined_figure_leaves_a_target_open_but_does_not_hide_a_missed_one() -> None:
    held = outcome(DETECTORS, {"rendered": values(yunet={"found": math.nan})})
    assert held.reached is None and held.figure.estimate == pytest.approx(0.99)
    missed = outcome(DETECTORS, {"rendered": values(yunet={"found": math.nan}, mtcnn={"found": 0.5})})
    assert missed.reached is False and missed.name == "rendered.mtcnn.found"


def test_without_judges_or_photographs_nothing_is_claimed() -> None:
    alone = {name: figures for name, figures in values().items() if name == "dlib_frontal"}
    table = judge_targets_table(alone, {})
    assert table["reached"].tolist() == ["yes"] + ["not measured"] * 7
    assert table["judge"].tolist() == ["dlib_frontal"] + [""] * 7
    assert outcome(GAP, {"rendered": values(), "utkface": values()}).reached is None, (
        "another set is no comparison"
    )
    assert outcome(DETECTORS, {"rendered": {"somebody": {"found": as_kept(0.1)}}}).reached is None


@given(st.dictionaries(st.sampled_from(["yunet", "mtcnn", "dlib_frontal"]), st.floats(0, 1), min_size=1))
def test_a_target_of_every_judge_is_reached_if_each_reaches_it(shares: dict[str, float]) -> None:
    judged = {name: {"found": as_kept(share)} for name, share in shares.items()}
    found = outcome(DETECTORS, {"rendered": judged})
    assert found.reached == all(share >= DETECTORS.bound for share in shares.values())
    least = min(shares.values())
    assert exactly(
        [found.figure.estimate, shares[found.name.split(".")[1]]], [least, least], because="one of the shares"
    )


def of_chapter(**fields) -> Target:
    return Target("text", "05", fields.pop("figures", ("faces.unseen_*.op.auc",)), 0.5, **fields)


def test_a_star_without_a_task_stands_for_whatever_has_a_figure() -> None:
    judged = {
        "unseen_a": {"op": {"auc": as_kept(0.6)}},
        "unseen_b": {"op": {"auc": as_kept(0.4)}},
        "unseen_c": {"op": {"auc": as_kept(math.nan)}},
        "other": {"op": {"auc": as_kept(0.1)}},
    }
    table = targets_table(
        [of_chapter(), of_chapter(most=True), of_chapter(figures=("no",))], {"05": {"faces": judged}}
    )
    assert table["figure"].tolist() == ["faces.unseen_b.op.auc", "faces.unseen_a.op.auc", ""]
    assert table["reached"].tolist() == ["no", "no", "not measured"]
    assert targets_table([of_chapter()], {})["reached"].tolist() == ["not measured"]


def test_a_difference_is_taken_between_two_treatments_of_one_judge() -> None:
    judged = {"unseen_a": {"op": {"auc": as_kept(0.3)}, "control": {"auc": as_kept(0.9)}}}
    found = outcome(of_chapter(of="op", below="control"), {"faces": judged})
    assert found.figure.estimate == pytest.approx(0.6) and found.reached
    assert outcome(of_chapter(of="op", below="missing"), {"faces": judged}).reached is None


def test_the_lists_of_the_book_are_whole() -> None:
    expressions = {
        name.rsplit("recall_")[-1] for one in read_targets("rendered_faces") for name in one.figures
    }
    assert set(EXPRESSIONS) <= expressions
    targets = read_targets("semi_adversarial")
    assert len(targets) == 16
    late = [one for one in targets if one.chapter in ("05_gender_roc", "06_matching_roc", "06_tradeoff")]
    assert {one.data_sets for one in late} == {("celeba", "lfw")}, "one set alone flatters"
    private = [one for one in late if one.text.startswith("private") and one.most]
    assert {pattern.split(".")[-1] for one in private for pattern in one.patterns} == {
        "auc_free",
        "auc_free_averaged",
    }


BOTH = of_chapter(figures=("celeba|lfw.attacker_*.private.auc_free",), most=True)


def attackers(celeba: float, lfw: float) -> dict:
    return {
        name: {"attacker_a": {"private": {"auc_free": as_kept(value)}}}
        for name, value in (("celeba", celeba), ("lfw", lfw))
    }


def test_a_target_of_two_data_sets_is_missed_where_the_second_one_fails() -> None:
    assert BOTH.patterns == ("celeba.attacker_*.private.auc_free", "lfw.attacker_*.private.auc_free")
    first = of_chapter(figures=("celeba.attacker_*.private.auc_free",), most=True)
    assert outcome(first, attackers(0.4, 0.6)).reached, "the first set alone passes"
    found = outcome(BOTH, attackers(0.4, 0.6))
    assert found.reached is False and found.name == "lfw.attacker_a.private.auc_free"
    assert outcome(BOTH, attackers(0.4, 0.45)).reached


def test_a_missing_data_set_is_an_error_and_a_missing_figure_is_said() -> None:
    only = {"celeba": attackers(0.4, 0.4)["celeba"]}
    with pytest.raises(ValueError, match="counts celeba and lfw, but the results have no lfw"):
        targets_table([BOTH], {"05": only})
    assert outcome(BOTH, {}).reached is None, "a chapter that never ran"
    found = outcome(BOTH, only | {"lfw": {}})
    assert found.reached is None and found.missing == ("lfw.attacker_*.private.auc_free",)
    (row,) = targets_table([BOTH], {"05": only | {"lfw": {}}}).to_dict("records")
    assert (row["reached"], row["missing"]) == ("not measured", "lfw.attacker_*.private.auc_free")
    missed = outcome(BOTH, {"celeba": attackers(0.6, 0)["celeba"], "lfw": {}})
    assert missed.reached is False, "one that is missed stays missed, whatever else was measured"
    assert missed.missing == ("lfw.attacker_*.private.auc_free",)


def test_an_undefined_figure_could_be_the_worst() -> None:
    unknown = attackers(0.4, math.nan)
    assert outcome(BOTH, unknown).reached is None


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ("{text: a, chapter: b, figures: [c]}", "neither"),
        ("{text: a, chapter: b, figures: [c], least: 1, most: 2}", "least and most"),
        ("{text: a, chapter: b, least: 1}", "figures"),
        ("{text: a, chapter: b, figures: [c], least: 1, colour: red}", "colour"),
    ],
)
def test_a_wrong_entry_is_named(entry: str, fault: str, tmp_path) -> None:
    path = tmp_path / "targets.yml"
    path.write_text(f"wrong:\n  - {entry}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=f"entry 1.*{fault}"):
        read_targets("wrong", path)
    with pytest.raises(ValueError, match="no list 'right'"):
        read_targets("right", path)


ABLE = of_chapter(figures=("celeba.lost.unseen_*.op",), most=True, able="{0}.{2}.original.tmr", was="0.05")


def losses(**judged: tuple[float, float]) -> dict:
    """Matcher -> TMR untouched, and TMR lost on OP."""
    untouched = {name: {"original": {"tmr": as_kept(tmr)}} for name, (tmr, _) in judged.items()}
    return {"celeba": {"lost": {name: {"op": as_kept(one)} for name, (_, one) in judged.items()}} | untouched}


def test_a_judge_that_cannot_judge_is_left_out_and_named() -> None:
    found = outcome(ABLE, losses(unseen_a=(0.9, 0.3), unseen_b=(0.4, 0.9)))
    assert found.reached and found.left_out == ("celeba.lost.unseen_b.op",)
    assert list(found.judged) == ["celeba.lost.unseen_a.op"]
    none = outcome(ABLE, losses(unseen_a=(0.4, 0.3)))
    assert none.reached is None and none.in_a_word == "cannot be judged"
    (row,) = goals_table([ABLE], {"05": losses(unseen_a=(0.4, 0.3))}).to_dict("records")
    assert row["reached"] == "cannot be judged" and row["left out"] == "celeba.lost.unseen_a.op"


def test_a_bound_that_was_set_anew_is_marked() -> None:
    (row,) = goals_table([ABLE], {}).to_dict("records")
    assert row["bound"] == "0.5* (before: 0.05)" and row["before"] == "0.05"
    (plain,) = goals_table([BOTH], {}).to_dict("records")
    assert plain["bound"] == "0.5" and not plain["before"]
    marked = {one.text.split(",")[0] for one in read_targets("semi_adversarial") if one.was}
    assert marked == {"every held-out matcher", "private", "private against private"}


def test_the_bound_of_a_figure_is_that_of_the_one_target_that_lists_it() -> None:
    targets = read_targets("semi_adversarial")
    assert bound_of(targets, "06_tradeoff", "celeba.tradeoff.private.auc_free") == pytest.approx(0.7)
    with pytest.raises(KeyError, match="0 targets of 05_gender_roc list celeba.tradeoff"):
        bound_of(targets, "05_gender_roc", "celeba.tradeoff.private.auc_free")
