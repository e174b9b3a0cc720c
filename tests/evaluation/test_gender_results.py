from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lib.deidentify.attacks.grid import Design
from lib.deidentify.attacks.result import AttackResult, attack_result
from lib.evaluation import gender_results as results
from lib.evaluation import gender_words as words
from lib.evaluation.gender_attack_results import SIGN
from lib.evaluation.gender_attacks import attacker_designs
from lib.evaluation.gender_judges import FINETUNED, TRAINED, checked_overlaps, gender_parties, marks
from lib.evaluation.who_saw_whom import Overlap
from lib.judges.book_networks import GenderJudge
from lib.measures.estimate import Estimate
from lib.networks.registry import ARCHITECTURES
from lib.training.store.model_store import ModelStore
from lib.training.training_plan import TrainingPlan

N = 60
MALE = np.arange(N) % 2 == 0
SUBJECTS = np.array([f"s{k}" for k in range(N)])


def scores(skill: float, seed: int = 0) -> np.ndarray:
    """Scores of somebody who tells men from women so well."""
    return np.random.default_rng(seed).normal(np.where(MALE, skill, -skill))


def result(skill: float, seed: int = 0, calibration: float | None = None) -> AttackResult:
    known = 0.5 + skill / 10 if calibration is None else calibration
    return attack_result(scores(skill, seed), MALE, SUBJECTS, known, replicates=20)


READ = {
    "tiny": {
        "trained_gender": {"before": result(3), "op": result(-3)},
        "unseen_patch": {"before": result(1), "op": result(0.6)},
        "unseen_residual": {"before": result(0.5), "op": result(0.2, 1)},
        "attacker_patch": {"before": result(0.2), "op": result(4)},
    }
}


def table(**options: object) -> pd.DataFrame:
    return results.readings_table(READ, **options)


def test_all_readings_are_rows_with_a_note_of_whom_the_judge_met():
    found = table(met={("unseen_patch", "op"): "its subjects", ("unseen_residual", "tiny"): "same data set"})
    assert tuple(found) == results.COLUMNS and len(found) == 8 * len(results.MEASURES)
    notes = found.groupby(["judge", "treatment"])["note"].first()
    assert notes["unseen_patch", "op"] == "its subjects" and notes["unseen_patch", "before"] == ""
    assert notes["unseen_residual", "op"] == "same data set"


def test_the_best_of_a_group_is_the_one_that_is_hidden_least_from():
    best = results.best_of_groups(table(), "tiny", ["before", "op"])
    free = best[best["measure"] == "auc_free"].set_index(["group", "treatment"])
    assert free.loc[("unseen", "op"), "judge"] == "unseen_patch" and free.loc[("unseen", "op"), "of"] == 2
    assert free.loc[("trained", "op"), "estimate"] > 0.9  # always wrong: nothing is hidden
    plain = best[best["measure"] == "auc"].set_index(["group", "treatment"])
    assert plain.loc[("trained", "op"), "estimate"] < 0.1
    assert not len(results.best_of_groups(table()[:0], "tiny", ["op"]))


def test_who_met_the_protection_or_failed_the_gate_is_not_picked():
    met = {("unseen_patch", "op"): "its subjects"}
    best = results.best_of_groups(
        table(met=met, failed={"tiny": ["attacker_patch"], "other": ["trained_gender"]}), "tiny", ["op"]
    )
    judges = set(best["judge"])
    assert "unseen_residual" in judges and "unseen_patch" not in judges
    everybody = met | {("unseen_residual", "op"): "its subjects"}
    best = results.best_of_groups(table(met=everybody), "tiny", ["op"])
    assert set(best[best["group"] == "unseen"]["note"]) == {"its subjects"}  # shown, and marked


def test_errors_at_a_threshold():
    values = np.array([0.1, 0.6, 0.4, 0.9])
    assert results.threshold_errors(values, np.array([False, False, True, True]), 0.5) == (0.5, 0.5)


def test_the_best_is_picked_by_other_subjects_than_it_is_shown_on():
    """By test subjects, the second would be picked, and its figure would be too high by the choice."""
    read = {"attacker_a": {"op": result(0.4, 1, 0.9)}, "attacker_b": {"op": result(3, 2, 0.7)}}
    best = results.best_of_groups(results.readings_table({"tiny": read}), "tiny", ["op"])
    assert set(best["judge"]) == {"attacker_a"} and set(best["of"]) == {2}
    turned = {"attacker_a": {"op": result(-2, 1, 0.1)}, "attacker_b": {"op": result(0.1, 2, 0.7)}}
    best = results.best_of_groups(results.readings_table({"tiny": turned}), "tiny", ["op"])
    assert set(best["judge"]) == {"attacker_a"}


def test_a_row_of_the_picture_at_the_top_is_one_judge():
    """Each of the two reads one kind of picture best: `best_of_groups` would show both in a row."""
    read = {
        "unseen_a": {"before": result(2), "op": result(0.1)},
        "unseen_b": {"before": result(1), "op": result(1)},
        "unseen_c": {"before": result(4)},  # reads no OP, so it cannot be shown
        SIGN: {"op": result(3)},
    }
    table = results.readings_table({"tiny": read})
    one = results.one_of_groups(table, "tiny", ["before", "op"])
    assert set(one["judge"]) == {"unseen_a"}
    assert list(dict.fromkeys(one["treatment"])) == ["before", "op"]
    other = results.one_of_groups(table, "tiny", ["op", "before"])
    assert set(other["judge"]) == {"unseen_b"}
    assert list(dict.fromkeys(other["treatment"])) == ["op", "before"]  # in the order asked for
    assert set(one["of"]) == {2} and len(one) == 2 * len(results.MEASURES)
    assert set(results.best_of_groups(table, "tiny", ["before", "op"])["judge"]) == {"unseen_c", "unseen_b"}
    assert not len(results.one_of_groups(table[:0], "tiny", ["op"]))


def test_who_failed_the_gate_stands_in_only_where_nobody_else_learned():
    read = {
        "attacker_a": {"op": result(1), "report_op": result(1)},
        "attacker_b": {"op": result(0.5)},
    }
    table = results.readings_table({"tiny": read}, failed={"tiny": ["attacker_a"]})
    best = results.best_of_groups(table, "tiny", ["op", "report_op"])
    names = best.groupby("treatment")[["judge", "note"]].first()
    assert list(names.loc["op"]) == ["attacker_b", ""]
    assert list(names.loc["report_op"]) == ["attacker_a", results.FAILED]


def test_attackers_met_private():
    met = [
        Overlap("attacker_gender", "private", "its subjects"),
        Overlap(FINETUNED, "op", "its subjects"),
        Overlap("unseen_patch", "private", "its subjects"),
    ]
    assert results.attackers_met(met) == {("attacker_gender", "private"): "its subjects"}


def test_designs_begin_with_the_first_which_learns_most(tmp_path):
    ModelStore(tmp_path).put(
        "classifier", ARCHITECTURES["patch_classifier"](32), "patch_classifier", {"size": 32}
    )
    epochs = {"gender_classifier": 4, "residual_classifier": 2}
    found = attacker_designs(epochs, TrainingPlan, tmp_path / "classifier", finetuned=3, repeats=2, seed=7)
    assert list(found) == [
        "attacker_gender",
        "attacker_residual",
        "attacker_gender_2",
        "attacker_gender_3",
        FINETUNED,
    ]
    assert found["attacker_gender"].learns_from("report_op")
    assert not found["attacker_residual"].learns_from("report_op")
    assert [found[f"attacker_gender{k}"].plan.seed for k in ("", "_2", "_3")] == [7, 8, 9]
    assert found[FINETUNED].kind == "patch_classifier" and found[FINETUNED].start == tmp_path / "classifier"
    assert list(attacker_designs(epochs, TrainingPlan, tmp_path / "none")) == [
        "attacker_gender",
        "attacker_residual",
    ]


def test_every_overlap_of_the_page_is_declared_and_only_judges_are_marked():
    network = ARCHITECTURES["patch_classifier"](32)
    judges = {name: GenderJudge(name, network, trained_on="tiny") for name in (TRAINED, "unseen_patch")}
    parties = gender_parties(judges, ["attacker_gender", FINETUNED], ["op"], {}, ModelStore(None))
    met = checked_overlaps(parties, ["rendered"])
    assert {(one.who, one.whom) for one in met if one.who == FINETUNED} == {
        (FINETUNED, name) for name in ("op", "report_op", "reversed_op")
    }
    assert marks(met) == {}
    known = [Overlap("unseen_patch", "private", "its subjects"), Overlap(TRAINED, "op", "its training")]
    assert marks(known) == {("unseen_patch", "private"): "its subjects"}


def figure(estimate: float, low: float, high: float) -> Estimate:
    return Estimate(estimate, low, high)


def test_words_follow_what_may_be_claimed():
    assert words.fooled_word("fooled") == "it is fooled"
    assert words.fooled_word("reads less").endswith("not fooled")
    assert words.fooled_word("none").endswith("cannot be claimed")


@pytest.mark.parametrize(
    ("claim", "gain", "protected", "said"),
    [
        ("none", (0.02, -0.01, 0.04), (0.99, 0.98, 1.0), "no more than 0.10 is hidden"),
        ("none", (-0.05, -0.20, 0.10), (0.9, 0.8, 1.0), "whether 0.10 or more is hidden cannot be told"),
        ("none", (-0.20, -0.30, -0.11), (0.7, 0.6, 0.8), "a part is hidden, but it cannot be claimed"),
        ("reads less", (-0.20, -0.30, -0.11), (0.7, 0.6, 0.8), "a part is hidden, at least 0.10 more"),
        ("hidden", (-0.40, -0.45, -0.35), (0.52, 0.45, 0.58), "gender is hidden"),
        ("hidden", (-0.20, -0.30, -0.11), (0.7, 0.6, 0.8), "a part is hidden, at least 0.10 more"),
    ],
)
def test_nothing_hidden_is_never_said_of_an_interval_that_is_wide(claim, gain, protected, said):
    assert words.hidden_word(claim, figure(*gain), figure(*protected)).startswith(said)


def test_more_and_less_need_an_effect_and_an_interval_without_zero():
    assert "*more*" in words.gain_word(figure(0.12, 0.05, 0.2))
    assert "less" in words.gain_word(figure(-0.12, -0.2, -0.05))
    for small in (figure(0.0, -0.1, 0.1), figure(0.03, 0.01, 0.05), figure(-0.2, -0.5, 0.1)):
        assert words.gain_word(small) == "no difference of 0.10 or more can be told"


def test_whether_the_painted_label_is_read_follows_from_both_figures():
    def said(told, true, apart):
        return words.told_words({"told": figure(*told), "true": figure(*true), "apart": figure(*apart)})

    painted = said((0.98, 0.97, 0.99), (0.52, 0.45, 0.59), (0.46, 0.4, 0.5))
    assert "what was painted" in painted["told_word"] and "here it did" in painted["told_home"]
    both = said((0.9, 0.85, 0.95), (0.7, 0.65, 0.75), (0.2, 0.1, 0.3))
    assert "follows the painted label more" in both["told_word"]
    face = said((0.55, 0.5, 0.6), (0.9, 0.85, 0.95), (-0.35, -0.4, -0.3))
    assert "the face's own label more" in face["told_word"] and "rather than" in face["told_home"]
    for unclear in (
        said((0.8, 0.7, 0.9), (0.75, 0.65, 0.85), (0.05, -0.1, 0.2)),
        said((0.45, 0.4, 0.5), (0.2, 0.1, 0.3), (0.25, 0.1, 0.4)),  # told is no better than chance
    ):
        assert "cannot be told" in unclear["told_word"] and "cannot be told" in unclear["told_home"]


def test_another_attacker_that_reads_the_face_is_named():
    def said(**true):
        read = {name: {"true": figure(*one)} for name, one in true.items()}
        return words.others_words(read, "a", str.upper)["others_read"]

    assert "*B* reads the face's own label with 0.80" in said(a=(0.5, 0.4, 0.6), b=(0.8, 0.7, 0.9))
    assert said(a=(0.9, 0.8, 1.0), b=(0.5, 0.4, 0.6)).startswith("No other attacker was shown")
    assert said(a=(0.9, 0.8, 1.0)) == "No other attacker was asked."


def test_what_the_label_of_the_code_hides_is_told_beside_its_blur():
    claimed = pd.DataFrame({
        "data": ["d", "d", "d", "e"], "treatment": ["reversed_op"] * 4,
        "claim": ["none", "hidden", "fooled", "hidden"],
        "measure": ["auc_free", "auc_free", "auc", "auc_free"],
    })  # fmt: skip
    moved = {"reversed_op": figure(29, 28, 30), "op": figure(14, 13, 15)}
    assert "for 1 of 2 judges" in words.reversed_words(claimed, moved, "d")["reversed_word"]
    assert words.reversed_words(claimed, {}, "d")["reversed_word"] == "Its blur was not read here."


def test_images_without_a_face_are_counted():
    assert words.lost_text({"a": (3, 63), "b": (0, 9)}).endswith("for all judges: 3 of 63 of a.")
    assert words.lost_text({"a": (0, 63)}) == "Every judge found a face in every image."


def test_an_attacker_that_failed_the_gate_says_so():
    kept = {"auc_free": figure(0.9, 0.8, 1.0).to_dict(), "passed": False}
    assert words.attacker_text(kept) == "0.90 [0.80, 1.00] (failed the gate)"
    assert words.attacker_text(kept | {"passed": True}) == "0.90 [0.80, 1.00]"


def test_what_no_run_has_measured_is_said_to_be_missing():
    assert set(words.photograph_words({}).values()) == {words.MISSING}
    kept = {"worst_attackers": {"celeba": {"op": {"auc_free": figure(1, 0.9, 1).to_dict()}}}}
    assert words.photograph_words(kept)["photographs_op"] == "1.00 [0.90, 1.00]"
    far = words.photograph_words({"distances": {"authors_op": figure(12, 11, 13).to_dict()}})
    assert (far["distance_authors_op"], far["distance_op"]) == ("12.0 [11.0, 13.0]", words.MISSING)
    beside = pd.DataFrame({"data": ["celeba", "lfw"], "pictures": [2000, 800]})
    assert words.beside_words(beside) == {"lfw_pictures": "800"}
    assert words.beside_words(beside[:1]) == {"lfw_pictures": words.MISSING}
    plan = TrainingPlan(1)
    twice = {"attacker_gender": Design("a", plan), "attacker_gender_2": Design("a", plan)}
    assert words.trained_words(twice) == {"trainings": "twice"}
    growth = pd.DataFrame(
        {"subjects": [5, 90], "estimate": [0.6, 0.9], "low": [0.5, 0.8], "high": [0.7, 1.0]}
    )
    assert words.growth_words(growth)["most_auc"] == "0.90 [0.80, 1.00]"
    assert words.growth_words(growth)["enough"].startswith("It was not shown that 5 come")
    assert words.growth_words(growth[1:])["enough"].startswith("So 90 subjects are enough")
