import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.measures import data_checks, validation
from lib.measures.data_checks import CheckError
from lib.measures.estimate import Estimate, undefined_estimate
from tests.exact import exactly

pytestmark = pytest.mark.numeric

QUICK = settings(max_examples=60, deadline=None)
SPLITS = ["train", "train", "test", "test"]


def test_a_subject_in_two_splits():
    data_checks.disjoint(["a", "b", "c", "c"], SPLITS)
    with pytest.raises(CheckError, match=r"1 subjects are in several splits, such as \['b'\]"):
        data_checks.disjoint(["a", "b", "b", "c"], SPLITS)
    assert data_checks.crossing([1, 2, 2, 1], SPLITS).tolist() == [1, 2]


@QUICK
@given(st.lists(st.tuples(st.integers(0, 2**64 - 1), st.integers(0, 2)), min_size=1, max_size=12), st.data())
def test_near_duplicates_by_comparing_all(rows, data):
    distance = data.draw(st.integers(0, 6))
    hashes, splits = [row[0] for row in rows], [row[1] for row in rows]
    for _ in range(4):  # near copies in other splits
        flips = data.draw(st.lists(st.integers(0, 63), max_size=8, unique=True))
        hashes.append(hashes[0] ^ sum(1 << bit for bit in flips))
        splits.append(data.draw(st.integers(0, 2)))
    expected = [
        [i, j]
        for i in range(len(hashes))
        for j in range(i + 1, len(hashes))
        if splits[i] != splits[j] and (hashes[i] ^ hashes[j]).bit_count() <= distance
    ]
    found = data_checks.near_duplicates(np.array(hashes, dtype=np.uint64), splits, distance=distance)
    assert exactly(found.tolist(), expected, because="row numbers are integers")


def test_near_duplicates_across_splits_are_refused():
    hashes = np.array([0b1111, 0b0111, 2**40, 2**50], dtype=np.uint64)
    data_checks.no_near_duplicates(hashes, ["train", "train", "test", "test"], distance=1)
    with pytest.raises(CheckError, match="1 near duplicates"):
        data_checks.no_near_duplicates(hashes, ["train", "test", "test", "test"], distance=1)


def test_a_hundred_thousand_hashes():
    rng = np.random.default_rng(0)
    hashes = rng.integers(0, 2**63, 100_000).astype(np.uint64)
    hashes[7] = hashes[99_000]
    assert data_checks.near_duplicates(hashes, np.arange(100_000) % 2).tolist() == [[7, 99_000]]


def test_one_hot_and_opposites():
    data_checks.one_hot(np.eye(3))
    with pytest.raises(CheckError, match="such as row 1"):
        data_checks.one_hot([[1, 0], [0, 0]])
    data_checks.opposites(np.eye(2), 1 - np.eye(2))
    with pytest.raises(CheckError, match="1 rows are not opposite"):
        data_checks.opposites([[1, 0], [0, 1]], [[0, 1], [0, 1]])


def test_epochs_cover_the_set():
    data_checks.covers(4, 32, 128)
    data_checks.covers(4, 32, 100)
    with pytest.raises(CheckError):
        data_checks.covers(3, 32, 100)
    with pytest.raises(CheckError):
        data_checks.covers(5, 32, 100)


def test_reports_that_contradict_themselves():
    data_checks.support({"a": 3, "b": 2}, 5)
    with pytest.raises(CheckError, match="sums to 5, the test set has 6"):
        data_checks.support([3, 2], 6)
    data_checks.weighted_recall([0.5, 1, float("nan")], [4, 2, 0], 4 / 6)
    with pytest.raises(CheckError, match="weighted recall"):
        data_checks.weighted_recall([0.5, 1], [4, 2], 0.75)
    data_checks.weighted_recall([0.67, 0.67], [4, 2], 0.667, digits=2)


@QUICK
@given(st.integers(1, 500), st.data())
def test_every_share_of_a_whole_set_is_a_count(n, data):
    count = data.draw(st.integers(0, n))
    data_checks.is_count(count / n, n)
    data_checks.is_count(round(count / n, 4), n, digits=4)


def test_a_rate_that_no_count_gives():
    with pytest.raises(CheckError, match="not a whole number"):
        data_checks.is_count(0.985, 30)
    with pytest.raises(CheckError):
        data_checks.is_count(0.985, 30, digits=3)
    data_checks.is_count(0.967, 30, digits=3)


def test_thresholds_and_sources():
    data_checks.threshold_reported(0.6, {0.6: "row"})
    with pytest.raises(CheckError, match=r"0\.4 is in no report"):
        data_checks.threshold_reported(0.4, [0.6])
    data_checks.per_source(["lfw", "celeba"], {"lfw": 1, "celeba": 2, "all": 3})
    with pytest.raises(CheckError, match=r"\['celeba'\]"):
        data_checks.per_source(["lfw", "celeba"], {"lfw": 1, "all": 3})


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
