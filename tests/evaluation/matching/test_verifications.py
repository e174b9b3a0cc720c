"""Rates and curves by treatment, of matchers whose answers can be worked out."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from lib.evaluation.matching.comparisons import MatchingTest
from lib.evaluation.matching.results import as_results
from lib.evaluation.matching.verifications import BOTH, draw_treatments, roc_by_treatment, verifications
from tests.evaluation.matching.embedded_people import DRAWS, toy_test
from tests.exact import exactly


@pytest.fixture
def toy() -> MatchingTest:
    return toy_test()


def test_figures_tell_a_treatment_that_hides_from_one_that_does_not(toy):
    found = verifications(toy, **DRAWS)
    assert found["before"].tmr[0.01].estimate == 1 and found["op"].tmr[0.01].estimate < 0.8
    assert set(found) == {"before", "reconstruction", "op", "private", BOTH}
    assert "calibration subjects" in found["op"].threshold_from
    assert found["op"].thresholds == pytest.approx(found["before"].thresholds)
    assert found[BOTH].thresholds != pytest.approx(found["before"].thresholds)
    kept = as_results(found["op"])
    assert {"auc", "eer", "tmr_at_fmr_1", "tmr_at_fmr_01"} <= set(kept) and "fta" not in kept


def test_curves_rise_to_the_rate_that_the_figures_say(toy):
    bands = roc_by_treatment(toy, np.array([0.01, 0.5, 1.0]), {"before", "op"}, **DRAWS)
    assert list(bands) == ["before", "op"]
    np.testing.assert_allclose(bands["before"].estimate, 1)
    assert bands["op"].estimate[0] < 0.8 and bands["op"].estimate[-1] == pytest.approx(1)
    everything = set(roc_by_treatment(toy, np.array([0.5]), **DRAWS))
    assert exactly(everything, set(toy.probes.by), because="names")


def test_strangers_treated_alike_set_thresholds_of_their_own(toy):
    own = dataclasses.replace(toy, treated_strangers=toy.strangers.take(np.arange(20)))
    drawn = draw_treatments(own, own_threshold=True, **DRAWS)
    assert set(drawn) == {"before", "op", "private"}, "nobody treated strangers by `reconstruction`"
    assert len(drawn["op"].setters) == 20 * 49
    assert draw_treatments(toy, own_threshold=True, **DRAWS) == {}
    with pytest.raises(KeyError, match="op"):
        toy.own_calibration("op")
