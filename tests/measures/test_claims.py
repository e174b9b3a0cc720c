"""Claims from scores made by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.measures.bootstrap_intervals import bootstrap_auc, bootstrap_auc_difference
from lib.measures.claims import ALPHA, Claim, claims, draws_needed, near_chance, p_value
from lib.measures.estimate import Estimate
from lib.measures.score_table import ScoreTable
from lib.measures.significance import holm
from tests.exact import exactly

pytestmark = pytest.mark.numeric

NUMBER = 240
BOTH = ("control", "reconstruction")


@pytest.fixture(scope="module")
def judged():
    """Two pictures of each subject; a control that is read well, and what could be done to it."""
    rng = np.random.default_rng(0)
    people = np.repeat(np.arange(NUMBER // 2), 2)
    male = people % 2 == 0
    noise = {name: rng.normal(size=NUMBER) for name in (*BOTH, "nt", "op", "private")}
    scores = {
        "control": 2 * male + noise["control"],
        "reconstruction": 3 * male + noise["reconstruction"],
        "nt": 2 * male + noise["control"] + 0.2 * noise["nt"],
        "op": -3 * male + noise["op"],
        "private": noise["private"],
    }
    directions = {"control": 0.9, "reconstruction": 0.98, "nt": 0.9, "op": 0.02, "private": 0.52}
    return scores, directions, male, people


def found(judged, claimed=("nt", "op", "private"), **options):
    scores, directions, male, people = judged
    tests = {"faces": ScoreTable({"judge": scores}, male, people)}
    rows = claims(tests, {"judge": directions}, dict.fromkeys(claimed, BOTH), **options)
    return {(one.treatment, one.measure): one for one in rows}


def test_fooled_is_not_hidden_and_a_small_difference_is_neither(judged):
    rows = found(judged)
    assert {key: (one.lost, one.verdict) for key, one in rows.items()} == {
        ("nt", "auc"): (False, "none"),
        ("nt", "auc_free"): (False, "none"),
        ("op", "auc"): (True, "fooled"),
        ("op", "auc_free"): (False, "none"),
        ("private", "auc"): (True, "reads less"),
        ("private", "auc_free"): (True, "reads less"),  # near chance, with too wide an interval to say so
    }
    turned = rows["op", "auc_free"]
    assert turned.auc.estimate < 0.05 and turned.auc_free.estimate == pytest.approx(1 - turned.auc.estimate)
    assert turned.difference.estimate > 0


def claim(measure: str, figure: tuple[float, float, float], *, lost: bool = True) -> Claim:
    own, other = Estimate(*figure), Estimate(0.5)
    both = (own, other) if measure == "auc" else (other, own)
    return Claim("tiny", "judge", "op", "control", measure, *both, Estimate(-0.2), 0.01, lost=lost)


@pytest.mark.parametrize(
    ("measure", "figure", "said"),
    [
        ("auc", (0.20, 0.15, 0.25), "fooled"),
        ("auc", (0.46, 0.40, 0.52), "reads less"),  # one half is in the interval
        ("auc", (0.85, 0.80, 0.90), "reads less"),  # right most of the time, whatever the control
        ("auc_free", (0.52, 0.46, 0.58), "hidden"),
        ("auc_free", (0.87, 0.82, 0.91), "reads less"),
        ("auc_free", (0.55, 0.47, 0.63), "reads less"),  # too wide to say so
        ("auc_free", (0.20, 0.15, 0.25), "reads less"),  # far from chance, on the other side
        ("auc_free", (0.52, float("nan"), float("nan")), "reads less"),
    ],
)
def test_a_loss_against_the_control_is_not_yet_a_word(measure, figure, said):
    assert claim(measure, figure).verdict == said
    assert claim(measure, figure, lost=False).verdict == "none"
    assert exactly(claim(measure, figure).figure, Estimate(*figure), because="passed on as it is")


def test_near_chance_is_said_of_the_whole_interval():
    assert near_chance(Estimate(0.5, 0.4, 0.6)) and near_chance(Estimate(0.45, 0.41, 0.5))
    for low, high in ((0.39, 0.5), (0.5, 0.61), (float("nan"), float("nan"))):
        assert not near_chance(Estimate(0.5, low, high))


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
    draws = {"replicates": draws_needed(3), "seed": 3}
    paired = bootstrap_auc_difference(scores["private"], scores["control"], male, people, **draws)
    assert row.difference.to_dict() == pytest.approx(paired.to_dict())
    alone = bootstrap_auc(scores["private"], male, people, **draws)
    assert row.auc.to_dict() == pytest.approx(alone.to_dict()) and row.auc.n == NUMBER // 2


def test_pairing_makes_the_interval_narrower(judged):
    """nt follows the control's noise, so their difference is known better than either AUC."""
    row = found(judged)["nt", "auc"]
    assert row.difference.high - row.difference.low < (row.auc.high - row.auc.low) / 2


def test_a_family_is_one_question_about_every_judge_and_data_set(judged):
    scores, directions, male, people = judged
    test = ScoreTable({name: scores for name in ("first", "second")}, male, people)
    known = dict.fromkeys(test.scores, directions)
    against = {"op": BOTH, "nt": BOTH}
    alone, both = (claims(dict.fromkeys(sets, test), known, against) for sets in ("a", "ab"))
    assert [(one.data, one.judge) for one in both[::4]] == [
        ("a", "first"), ("a", "second"), ("b", "first"), ("b", "second"),
    ]  # fmt: skip
    assert {one.m for one in alone} == {4} and {one.m for one in both} == {8}
    for measure in ("auc", "auc_free"):
        family = [one for one in both if one.measure == measure]
        assert [one.p_holm for one in family] == pytest.approx(holm([one.p for one in family]).tolist())
        apart = [one.p_holm for one in alone if one.measure == measure]
        assert max(apart) <= max(one.p_holm for one in family)


def test_each_treatment_has_baselines_of_its_own_and_a_judge_without_them_stays_out(judged):
    scores, directions, male, people = judged
    judges = {
        "all": scores,
        "few": {name: scores[name] for name in ("op", "control")},
        "lonely": {"op": scores["op"]},
    }
    rows = claims(
        {"faces": ScoreTable(judges, male, people)},
        dict.fromkeys(judges, directions),
        {"op": ("control",), "private": ("reconstruction",)},
    )
    assert [(one.judge, one.treatment, one.baseline) for one in rows[::2]] == [
        ("all", "op", "control"),
        ("all", "private", "reconstruction"),
        ("few", "op", "control"),
    ]
    assert {one.m for one in rows} == {3} and rows[0].difference.to_dict() == pytest.approx(
        rows[4].difference.to_dict()
    )


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 60), st.integers(1, 3))
def test_a_huge_effect_passes_and_none_does_not_in_a_family_of_any_size(judges, sets):
    male, people = np.arange(40) % 2 == 0, np.arange(40)
    noise = np.random.default_rng(judges).permutation(40).astype(float)
    own = {"control": 1.0 * male, "op": -1.0 * male, "nt": 1.0 * male, "noise": noise, "same": noise}
    test = ScoreTable({str(number): own for number in range(judges)}, male, people)
    directions = {"control": 0.9, "op": 0.1, "nt": 0.9, "noise": 0.6, "same": 0.6}
    known = {judge: directions for judge in test.scores}
    against = {"op": ("control",), "nt": ("control",), "same": ("noise",)}
    rows = claims({str(number): test for number in range(sets)}, known, against)
    assert {one.m for one in rows} == {3 * judges * sets}
    by = {(one.treatment, one.measure): one for one in rows}
    assert by["op", "auc"].lost and by["op", "auc"].p_holm < ALPHA
    assert not by["op", "auc_free"].lost
    assert not any(by[name, measure].lost for name in ("nt", "same") for measure in ("auc", "auc_free"))


def test_with_as_few_draws_as_intervals_need_nothing_would_pass():
    """Why the number of draws follows from the family: with 500 for 54 comparisons 2 / 501 is too much."""
    assert holm([p_value(np.full(500, -0.9))] * 54).min() > ALPHA
    assert holm([p_value(np.full(draws_needed(54), -0.9))] * 54).max() < ALPHA


def test_p_values_by_hand():
    assert p_value(np.array([-1.0, -2, -3, 1])) == pytest.approx(2 * 2 / 5)
    assert p_value(np.full(99, -0.2)) == pytest.approx(0.02)
    assert exactly(p_value(np.zeros(99)), 1, because="the bound of a minimum")
    assert p_value(np.array([-1.0, np.nan, -1, -1])) == pytest.approx(0.5)


def test_p_values_are_uniform_without_a_difference():
    rng = np.random.default_rng(8)
    drawn = [p_value(rng.normal(rng.normal(), 1, 400)) for _ in range(400)]
    assert np.mean(np.array(drawn) < 0.05) == pytest.approx(0.05, abs=0.03)


def test_what_is_missing_is_named(judged):
    scores, directions, male, people = judged
    with pytest.raises(ValueError, match="no judge has scores of sm and of control or reconstruction"):
        found(judged, claimed=("sm",))
    only = ({"op": scores["op"]}, directions, male, people)
    with pytest.raises(ValueError, match="no judge has scores of op and of control or reconstruction"):
        found(only, claimed=("op",))
    with pytest.raises(ValueError, match="judge, op: the direction is unknown"):
        found((scores, {**directions, "op": float("nan")}, male, people))
    with pytest.raises(ValueError, match="faces, judge, nt: one class is missing"):
        found((scores, directions, np.ones(NUMBER, bool), people))
    with pytest.raises(ValueError, match="no judge has scores of op"):
        claims({}, {}, {"op": BOTH})
