"""Claims from scores made by hand."""

import numpy as np
import pytest

from lib.measures.bootstrap_intervals import bootstrap_auc, bootstrap_auc_difference
from lib.measures.claims import claims, p_value
from lib.measures.significance import holm

pytestmark = pytest.mark.numeric

NUMBER = 240


@pytest.fixture(scope="module")
def judged():
    """Two pictures of each subject; a control that is read well, and what could be done to it."""
    rng = np.random.default_rng(0)
    people = np.repeat(np.arange(NUMBER // 2), 2)
    male = people % 2 == 0
    noise = {name: rng.normal(size=NUMBER) for name in ("control", "reconstruction", "nt", "op", "private")}
    scores = {
        "control": 2 * male + noise["control"],
        "reconstruction": 3 * male + noise["reconstruction"],
        "nt": 2 * male + noise["control"] + 0.2 * noise["nt"],
        "op": -3 * male + noise["op"],
        "private": noise["private"],
    }
    directions = {"control": 0.9, "reconstruction": 0.98, "nt": 0.9, "op": 0.02, "private": 0.52}
    return scores, directions, male, people


def found(judged, claimed=("nt", "op", "private"), **draws):
    scores, directions, male, people = judged
    draws = {"replicates": 500, **draws}
    rows = claims({"judge": scores}, {"judge": directions}, male, people, claimed=claimed, **draws)
    return {(one.treatment, one.measure): one for one in rows}


def test_fooled_is_not_hidden_and_a_small_difference_is_neither(judged):
    rows = found(judged)
    assert {key: one.kind for key, one in rows.items()} == {
        ("nt", "auc"): "",
        ("nt", "auc_free"): "",
        ("op", "auc"): "fooled",
        ("op", "auc_free"): "",
        ("private", "auc"): "fooled",
        ("private", "auc_free"): "hidden",
    }
    turned = rows["op", "auc_free"]
    assert turned.auc.estimate < 0.05 and turned.auc_free.estimate == pytest.approx(1 - turned.auc.estimate)
    assert turned.difference.estimate > 0


def test_the_baseline_is_the_one_that_hides_more(judged):
    scores, directions, male, people = judged
    assert {one.baseline for one in found(judged).values()} == {"control"}
    swapped = {**scores, "control": scores["reconstruction"], "reconstruction": scores["control"]}
    rows = found((swapped, directions, male, people))
    assert {one.baseline for one in rows.values()} == {"reconstruction"}
    # Turned, a control that is read the wrong way round is read as well.
    against = found(({**scores, "control": -9.0 * male}, {**directions, "control": 0.1}, male, people))
    assert {one.baseline for one in against.values()} == {"reconstruction"}


def test_differences_are_the_paired_bootstrap(judged):
    scores, _, male, people = judged
    row = found(judged, seed=3)["private", "auc"]
    paired = bootstrap_auc_difference(
        scores["private"], scores["control"], male, people, replicates=500, seed=3
    )
    assert row.difference.to_dict() == pytest.approx(paired.to_dict())
    alone = bootstrap_auc(scores["private"], male, people, replicates=500, seed=3)
    assert row.auc.to_dict() == pytest.approx(alone.to_dict()) and row.auc.n == NUMBER // 2


def test_pairing_makes_the_interval_narrower(judged):
    """nt follows the control's noise, so their difference is known better than either AUC."""
    row = found(judged)["nt", "auc"]
    assert row.difference.high - row.difference.low < (row.auc.high - row.auc.low) / 2


def test_the_family_holds_every_judge(judged):
    scores, directions, male, people = judged
    judges = {name: scores for name in ("first", "second")}
    rows = claims(judges, dict.fromkeys(judges, directions), male, people, claimed=("op", "nt"))
    assert len(rows) == 8 and {one.m for one in rows} == {8}
    assert [one.p_holm for one in rows] == pytest.approx(holm([one.p for one in rows]).tolist())
    assert [one.judge for one in rows] == ["first"] * 4 + ["second"] * 4
    fooled = next(one for one in rows if one.kind)
    assert fooled.p == pytest.approx(2 / 2001) and fooled.p_holm == pytest.approx(8 * 2 / 2001)


def test_treatments_may_have_baselines_of_their_own_and_judges_may_lack_some(judged):
    scores, directions, male, people = judged
    only = {name: scores[name] for name in ("op", "control")}
    rows = claims(
        {"all": scores, "few": only},
        {"all": directions, "few": directions},
        male,
        people,
        claimed=("op", "private"),
        baselines={"op": ("control",), "private": ("reconstruction",)},
        replicates=200,
    )
    assert [(one.judge, one.treatment, one.baseline) for one in rows[::2]] == [
        ("all", "op", "control"),
        ("all", "private", "reconstruction"),
        ("few", "op", "control"),
    ]
    assert {one.m for one in rows} == {6} and rows[0].difference.to_dict() == pytest.approx(
        rows[4].difference.to_dict()
    )


def test_without_enough_draws_nothing_passes(judged):
    assert {one.kind for one in found(judged, replicates=99).values()} == {""}


def test_by_default_there_are_draws_enough_for_holm():
    male, people = np.arange(40) % 2 == 0, np.arange(40)
    judges = {str(i): {"op": -1.0 * male, "control": 1.0 * male} for i in range(25)}
    known = {key: {"op": 0.1, "control": 0.9} for key in judges}
    rows = claims(judges, known, male, people)
    assert {one.kind for one in rows if one.measure == "auc"} == {"fooled"}
    assert {one.kind for one in rows if one.measure == "auc_free"} == {""}


def test_p_values_by_hand():
    assert p_value(np.array([-1.0, -2, -3, 1])) == pytest.approx(2 * 2 / 5)
    assert p_value(np.full(99, -0.2)) == pytest.approx(0.02)
    assert p_value(np.zeros(99)) == 1
    assert p_value(np.array([-1.0, np.nan, -1, -1])) == pytest.approx(0.5)


def test_p_values_are_uniform_without_a_difference():
    rng = np.random.default_rng(8)
    drawn = [p_value(rng.normal(rng.normal(), 1, 400)) for _ in range(400)]
    assert np.mean(np.array(drawn) < 0.05) == pytest.approx(0.05, abs=0.03)


def test_what_is_missing_is_named(judged):
    scores, directions, male, people = judged
    with pytest.raises(ValueError, match="no judge has scores of sm"):
        found(judged, claimed=("sm",))
    with pytest.raises(ValueError, match="only against control or reconstruction"):
        claims({"judge": {"op": scores["op"]}}, {"judge": directions}, male, people)
    with pytest.raises(ValueError, match="judge: op can be claimed only against a baseline"):
        claims({"judge": scores}, {"judge": directions}, male, people, baselines={"nt": ("control",)})
    with pytest.raises(ValueError, match="judge, op: the direction is unknown"):
        claims({"judge": scores}, {"judge": {**directions, "op": float("nan")}}, male, people)
    with pytest.raises(ValueError, match="one class is missing"):
        claims({"judge": scores}, {"judge": directions}, np.ones(NUMBER, bool), people)
    with pytest.raises(ValueError, match="no judge has scores of op"):
        claims({}, {}, male, people)
