"""Reports that contradict themselves; estimates and inputs that say what is wrong with them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.measures import report_checks, validation
from lib.measures.estimate import Estimate, undefined_estimate
from lib.measures.report_checks import CheckError
from tests.exact import exactly

pytestmark = pytest.mark.numeric

QUICK = settings(max_examples=60, deadline=None)


def test_reports_that_contradict_themselves():
    report_checks.check_support({"a": 3, "b": 2}, 5)
    with pytest.raises(CheckError, match="sums to 5, the test set has 6"):
        report_checks.check_support([3, 2], 6)
    report_checks.check_weighted_recall([0.5, 1, float("nan")], [4, 2, 0], 4 / 6)
    with pytest.raises(CheckError, match="weighted recall"):
        report_checks.check_weighted_recall([0.5, 1], [4, 2], 0.75)
    report_checks.check_weighted_recall([0.67, 0.67], [4, 2], 0.667, digits=2)


# --- figures and inputs


def test_figures_say_when_they_are_undefined():
    assert f"{Estimate(0.5, 0.25, 0.75, 9):.2f}" == "0.50 [0.25, 0.75]"
    assert f"{Estimate(0.5):.2f}" == "0.50 (no interval)"
    assert str(format(undefined_estimate("no impostors"))) == "undefined (no impostors)"
    assert undefined_estimate("x", 3).to_dict() == {
        "estimate": None,
        "low": None,
        "high": None,
        "n": 3,
        "why": "x",
    }


@QUICK
@given(st.floats(-1, 1), st.integers(0, 99), st.sampled_from(["", "why"]))
def test_figures_come_back_from_results(value, n, why):
    figure = Estimate(value, value - 1, value + 1, n, why)
    assert exactly(Estimate.from_dict(figure.to_dict()), figure, because="read back as it was written")


def test_inputs_are_named_in_errors():
    with pytest.raises(ValueError, match=r"scores: expected 1 axes, got shape \(1, 2\)"):
        validation.as_floats([[1, 2]], "scores")
    with pytest.raises(ValueError, match="weights must be finite"):
        validation.check_weights([-1, 2], 2, "w")
    with pytest.raises(ValueError, match="true or false"):
        validation.as_bools([0, 2], "f")
    with pytest.raises(ValueError, match="one axis"):
        validation.encode_labels([[1, 2]])
    (first, second), number = validation.encode_labels(["b", "a"], ["c", "a"])
    assert first.tolist() == [1, 0] and second.tolist() == [2, 0] and number == 3


def test_missing_labels_of_pandas():
    import pandas as pd

    flags = pd.Series([True, None], dtype="boolean")
    with pytest.raises(ValueError, match="positive"):
        validation.as_bools(flags, "positive")
    assert validation.as_bools(pd.Series([True, False], dtype="boolean"), "positive").tolist() == [
        True,
        False,
    ]
    with pytest.raises(ValueError, match="missing"):
        validation.encode_labels(pd.Series(["a", None]))
