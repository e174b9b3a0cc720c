"""What treatments cost a matcher, by matchers whose answers can be worked out."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from lib.evaluation.matching.comparisons import MatchingTest
from lib.evaluation.matching.costs import costs, losses, same_gender_rise
from lib.evaluation.matching.records import apart_records, loss_records, loss_table
from lib.evaluation.matching.results import matching_results
from lib.evaluation.matching.verifications import QUOTED_FMR, draw_treatments, verifications
from tests.evaluation.matching.embedded_people import CARD, DRAWS, people

NOISE = {
    "before": 0.1,
    "reconstruction": 0.2,
    "sm": 0.2,
    "nt": 0.2,
    "op": 3.0,
    "control": 0.4,
    "private": 0.1,
}
KEY = ("a", "m")


@pytest.fixture(scope="module")
def toy() -> MatchingTest:
    strangers = people(60, "st", 3, NOISE)
    plain = {"before": 0.1}
    return MatchingTest(
        CARD, people(30, "t", 1, NOISE), people(30, "t", 2, plain, 2), strangers, seed=4,
        treated_strangers=strangers.take(np.arange(40)),
    )  # fmt: skip


@pytest.fixture(scope="module")
def found(toy):
    drawn = draw_treatments(toy, **DRAWS)
    return drawn, costs(toy, drawn, **DRAWS)


def test_the_loss_is_the_paired_difference_from_the_untouched_photo(toy, found):
    drawn, one = found
    told = verifications(toy, **DRAWS)
    for name in ("op", "private", "reconstruction"):
        expected = told["before"].tmr[QUOTED_FMR].estimate - told[name].tmr[QUOTED_FMR].estimate
        assert one.lost[name].tmr[QUOTED_FMR].estimate == pytest.approx(expected)
    assert one.lost["op"].tmr[QUOTED_FMR].estimate > 0.1 and "before" not in one.lost
    assert set(one.painted) == {"sm", "nt", "op"}, "what never went through the autoencoder has no part"
    assert losses({"op": drawn["op"]}) == {}


def test_at_equal_fmr_each_side_has_its_own_threshold(toy, found):
    def paled(faces, *treatments):
        """Embeddings of which `op` leaves little: by their distance, it is near to everybody."""
        own = faces.by["before"]
        by = {"before": own, "sm": own, "nt": own, "op": 0.3 * own}
        return dataclasses.replace(faces, by={name: by[name] for name in treatments})

    alike = dataclasses.replace(
        toy,
        card=dataclasses.replace(CARD, comparison="euclidean"),
        probes=paled(toy.probes, "before", "sm", "nt", "op"),
        treated_strangers=paled(toy.treated_strangers, "before", "sm", "nt", "op"),
    )
    drawn = draw_treatments(alike, **DRAWS)
    one = costs(alike, drawn, **DRAWS)
    at_one, equal = one.lost["op"], one.equal_fmr["op"]
    assert at_one.reached[QUOTED_FMR].estimate > 0.1 > equal.reached[QUOTED_FMR].estimate
    assert at_one.tmr[QUOTED_FMR].estimate < equal.tmr[QUOTED_FMR].estimate, (
        "false matches were bought with it"
    )
    assert one.beyond == {} and one.painted == {}
    bought, fair = (by["sm_op"] for by in (one.apart, one.apart_equal_fmr))
    assert bought.difference.tmr[QUOTED_FMR].estimate < fair.difference.tmr[QUOTED_FMR].estimate
    assert fair.difference.tmr[QUOTED_FMR].low > 0 and fair.p < 0.05, "at equal FMR it is clear who loses"


def test_the_control_and_op_are_compared_at_equal_fmr(found):
    _, one = found
    assert set(one.beyond) == {"control"} and one.beyond["control"].tmr[QUOTED_FMR].low > 0


def test_a_huge_difference_of_prototypes_is_found_and_none_is_not(found):
    _, one = found
    assert set(one.apart) == {"sm_nt", "sm_op", "nt_op"}
    assert one.apart["sm_op"].p < 0.001 and one.apart["sm_nt"].p > 0.5
    assert one.apart_equal_fmr["sm_op"].p < 0.001 and one.apart_equal_fmr["sm_nt"].p > 0.5
    records = apart_records({KEY: one}, {"sm_op": "SM minus OP", "sm_nt": "SM minus NT"})
    assert [one["m"] for one in records] == [4] * 4, "both thresholds are one family"
    by = {(one["row"], one["thresholds"]): one["p (Holm)"] for one in records}
    for whose in ("untouched strangers", "strangers treated alike"):
        assert by["SM minus OP", whose] < 0.01 and by["SM minus NT", whose] == pytest.approx(1)


def test_impostors_of_the_other_gender_that_are_easy_lower_the_error(toy):
    far = np.where(toy.probes.male, 5.0, -5.0)
    there = np.where(toy.gallery.male, 5.0, -5.0)
    noisy = np.random.default_rng(0).normal(size=(30, 12)) * 1.2
    apart = dataclasses.replace(
        toy,
        probes=dataclasses.replace(toy.probes, by={"op": np.c_[toy.probes.by["before"] + noisy, far]}),
        gallery=dataclasses.replace(toy.gallery, by={"before": np.c_[toy.gallery.by["before"], there]}),
    )
    rise = same_gender_rise(apart, "op", **DRAWS)
    assert rise.low > 0
    known = verifications(toy, same_gender=True, **DRAWS)["op"].eer.estimate
    plain = verifications(toy, **DRAWS)["op"].eer.estimate
    assert same_gender_rise(toy, "op", **DRAWS).estimate == pytest.approx(known - plain)


def test_results_call_the_untouched_picture_original_and_keep_one_set(toy, found):
    told, lost = verifications(toy, **DRAWS), found[1]
    one, other = {KEY: told}, {KEY: told, ("b", "n"): told}
    kept = matching_results("a", other, one, one, {KEY: lost})
    assert {"m", "same_gender", "same_photo", "tmr_loss", "tmr_loss_equal_fmr", "apart_p"} <= set(kept)
    assert kept["apart_equal_fmr_p"]["m"]["sm_op"] is lost.apart_equal_fmr["sm_op"].p
    assert set(kept["m"]) == {"original", *NOISE} - {"before"}
    assert kept["m"]["original"]["auc"] is told["before"].auc
    assert kept["tmr_loss"]["m"]["op"] is lost.lost["op"].tmr[0.01]
    assert kept["equal_fmr_reached"]["m"]["op"] is lost.equal_fmr["op"].reached[0.01]
    assert kept["same_gender_rise"]["m"]["original"] is lost.same_gender["before"]
    with pytest.raises(KeyError):  # a matcher without a loss is missed
        matching_results("b", other, one, one, {KEY: lost})


def test_the_fmr_reached_stands_beside_each_tmr_lost(toy, found):
    records = loss_records({KEY: found[1]})
    assert {one["measure"] for one in records} == {"TMR lost", "FMR reached"}
    assert {one["against"] for one in records} == {"before", "reconstruction", "control"}
    (one,) = [
        one
        for one in records
        if (one["row"], one["measure"], one["against"]) == ("op", "FMR reached", "before")
        and one["thresholds"] == "untouched strangers"
        and one["fmr"] == pytest.approx(QUOTED_FMR)
    ]
    assert one["figure"].estimate == pytest.approx(verifications(toy, **DRAWS)["op"].fmr[QUOTED_FMR].estimate)


def test_the_table_of_losses_has_both_thresholds_of_every_set(toy, found):
    told = verifications(toy, **DRAWS)
    kept = matching_results("a", {KEY: told}, {KEY: told}, {KEY: told}, {KEY: found[1]})
    table = loss_table({"lfw": kept, "celeba": kept, "rendered": {}}, {"op": "OP"}, "m")
    assert list(table) == ["treatment", "LFW", "LFW, equal FMR", "CelebA, equal FMR"]
    assert list(table["treatment"]) == ["sm", "nt", "OP", "control", "private"]
    lost = 100 * found[1].lost["op"].tmr[QUOTED_FMR].estimate
    assert table.set_index("treatment").loc["OP", "LFW"].startswith(f"{lost:.1f} [")
