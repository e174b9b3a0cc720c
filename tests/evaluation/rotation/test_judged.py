"""Attackers on made-up readings: each finds what it must, and the angle is chosen against the strongest."""

import numpy as np
import pytest

from lib.arrays import WeightsError
from lib.evaluation.rotation import attackers, judged
from lib.evaluation.rotation.people import CHOOSERS, STRANGERS, TEST
from lib.evaluation.rotation.views import CODEC, PROBE, Views
from lib.judges.result_keys import DLIB
from lib.measures.estimate import Estimate
from tests.evaluation.rotation.toy_views import toy_views
from tests.exact import exactly

DRAWS = {"replicates": 30, "seed": 1}
ANGLES = ("0", "90", "180")


@pytest.fixture(scope="module")
def views():
    return toy_views(ANGLES)


@pytest.fixture(scope="module")
def found(views):
    return judged.judge_all(views, ANGLES, photos=(1, 2), **DRAWS)


def tmr(found, condition, attacker, reader=CODEC):
    return found[condition][attacker, reader].tmr.estimate


def test_the_naive_are_blind_where_others_see(found):
    assert tmr(found, "0", "naive") > 0.95
    assert tmr(found, "90", "naive") < 0.15 and tmr(found, "180", "naive") < 0.05
    assert tmr(found, "180", "inverter") > 0.95 and tmr(found, "180", "two_sided") > 0.95
    assert tmr(found, "180", "parrot") > 0.95  # at 180 degrees the axis does not matter
    assert tmr(found, "90", "parrot") < 0.15 and tmr(found, "90", "linker") > 0.95
    assert found["180"]["regression", DLIB].tmr.estimate > 0.95
    assert found["180"]["naive", CODEC].auc.estimate > 0.95  # its direction is learned from strangers


def test_rank_one_only_where_there_are_so_many_photos(found):
    assert set(found["0"]["naive", CODEC].rank_one) == {1, 2}
    assert set(found["0"]["parrot", CODEC].rank_one) == {1}


def test_the_strongest_decides_and_linkers_count_apart(found):
    assert judged.strongest_attack(found["180"])[0] in ("inverter", "two_sided", "parrot", "regression")
    assert judged.strongest_attack(found["90"], (*attackers.PER_IMAGE, "linker"))[0] == "linker"
    kept = judged.strongest_results(found)
    assert kept["90"]["tmr_at_fmr_1"].estimate < 0.2 < kept["180"]["tmr_at_fmr_1"].estimate


def test_the_best_angle_is_chosen_on_the_choosers(views):
    assert judged.best_angle(views, ANGLES).angle == "90"
    assert judged.best_angle(views, ANGLES, only=("naive",)).angle in ("90", "180")
    naive = judged.best_angle(views, ANGLES, only=("naive",))
    assert naive.tmr["180"] <= naive.tmr["0"]
    leaky = toy_views(ANGLES, leak=6.0)
    assert judged.best_angle(leaky, ANGLES).tmr["90"] > 0.9  # attributes tell, at every angle


def test_whom_the_angle_is_reported_on_has_no_say_in_it(views):
    """Readings of test subjects may be anything: the choice stays; those of choosers decide it."""
    before = judged.best_angle(views, ANGLES)
    for group, changes in ((TEST, False), (CHOOSERS, True)):
        other = toy_views(ANGLES)
        for kind in (other.readings, other.scores):
            for key, values in kind.items():
                if str(key[0]) == str(group) and str(key[2]) == "90":  # everybody is recognised at this angle
                    source = (group, key[1], "0", key[3])
                    kind[key] = kind.get(source, values)
        after = judged.best_angle(other, ANGLES)
        assert bool(after.tmr["90"] > 0.9) == changes
        assert (str(after.angle) == str(before.angle)) != changes or after.tmr != before.tmr


def test_angles_of_the_first_network_and_new_identities_of_the_last(found):
    last = {**found, "ours": found["90"]}
    told = judged.told_together({"source": found, "ours": last})
    assert told["0"] is found["0"] and told["ours"] is last["ours"]
    assert judged.told_together({"ours": last}).keys() == last.keys()


def test_how_far_beyond_an_interval():
    one = judged.beyond(Estimate(0.05, 0.01, 0.1), Estimate(0.02, 0.0, 0.06))
    assert one.estimate == pytest.approx(-0.01) and one.high == pytest.approx(0.04)


def test_results_and_records_name_everything(found):
    kept = judged.judged_results(found)
    assert kept[CODEC]["tmr_at_fmr_1"]["naive"]["0"].estimate == pytest.approx(tmr(found, "0", "naive"))
    assert set(kept[DLIB]["rank_one"]["naive"]["90"]) == {"1", "2"}
    records = judged.judged_records(found)
    assert {"condition", "attacker", "reader", "measure", "figure"} == set(records[0])


def test_conditions_of_which_nothing_was_kept(views):
    assert judged.possible(views, TEST, "ours", attackers.PER_IMAGE) == []
    with pytest.raises(KeyError):
        attackers.both(views, (TEST, STRANGERS), "naive", DLIB, "ours")


def test_views_are_kept_and_read_again(views, tmp_path):
    views.save(tmp_path / "views.npz")
    again = Views.load(tmp_path / "views.npz")
    assert again.conditions() == views.conditions() and again.scores.keys() == views.scores.keys()
    key = TEST, PROBE, "90", CODEC
    np.testing.assert_allclose(again.readings[key], views.readings[key], atol=2e-3)
    assert exactly(again.subjects[TEST].tolist(), views.subjects[TEST].tolist(), because="names")
    with pytest.raises(WeightsError, match="absent"):
        Views.load(tmp_path / "absent.npz")


def test_a_regression_learns_a_sign():
    random = np.random.default_rng(0)
    wanted = random.normal(size=(300, 8))
    model = attackers.Ridge.fit(-2 * wanted + 0.1 * random.normal(size=wanted.shape), wanted, 0.01)
    new = random.normal(size=(20, 8))
    guessed = model(-2 * new)
    assert np.corrcoef(guessed.ravel(), new.ravel())[0, 1] > 0.95
    subjects = np.array([f"c{one}" for one in range(20)])
    best = attackers.best_ridge(-2 * wanted, wanted, -2 * new, new[:, None], subjects)
    assert np.corrcoef(best(-2 * new).ravel(), new.ravel())[0, 1] > 0.95
