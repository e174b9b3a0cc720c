import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from lib.measures import attributes, classification
from lib.measures.bootstrap_intervals import bootstrap
from lib.measures.resampling import draw_counts
from tests.exact import exactly

pytestmark = pytest.mark.numeric

QUICK = settings(max_examples=60, deadline=None)
rows = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=30)
THREE = [0, 1, 2]


@QUICK
@given(rows)
def test_scikit_learn_agrees_where_it_is_right(pairs):
    true, predicted = (np.array(part) for part in zip(*pairs, strict=True))
    matrix = classification.confusion(true, predicted, THREE)
    assert exactly(matrix, metrics.confusion_matrix(true, predicted, labels=THREE), because="counts")
    assert classification.accuracy(matrix) == pytest.approx(metrics.accuracy_score(true, predicted))
    expected = np.mean([(predicted[true == k] == k).mean() for k in np.unique(true)])
    assert classification.balanced_accuracy(matrix) == pytest.approx(expected)
    kappa = classification.kappa(matrix)
    if not np.isnan(kappa):
        assert kappa == pytest.approx(metrics.cohen_kappa_score(true, predicted, labels=THREE), abs=1e-12)


def test_absent_classes_are_left_out_where_scikit_learn_counts_them_as_zero():
    true, predicted = [0, 0, 1], [0, 0, 1]
    matrix = classification.confusion(true, predicted, THREE)
    assert classification.macro_f1(matrix) == 1
    assert metrics.f1_score(true, predicted, labels=THREE, average="macro", zero_division=0) == pytest.approx(
        2 / 3
    )


@pytest.mark.filterwarnings("ignore:A single label:UserWarning")
def test_mcc_of_one_class_is_undefined_where_scikit_learn_says_zero():
    assert np.isnan(classification.mcc(classification.confusion([1, 1], [1, 1], [0, 1])))
    assert metrics.matthews_corrcoef([1, 1], [1, 1]) == 0
    with pytest.raises(ValueError, match="two classes"):
        classification.mcc(np.eye(3))


@QUICK
@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=2, max_size=30))
def test_mcc(pairs):
    true, predicted = (np.array(part) for part in zip(*pairs, strict=True))
    found = classification.mcc(classification.confusion(true, predicted, [False, True]))
    if not np.isnan(found):
        assert found == pytest.approx(metrics.matthews_corrcoef(true, predicted), abs=1e-12)


def test_skill_may_be_negative_and_may_be_undefined():
    assert classification.skill(np.array([[0, 3], [1, 0]]), 0) == pytest.approx((0 - 0.75) / 0.25)
    assert np.isnan(classification.skill(np.array([[4, 0], [0, 0]]), 0))


@QUICK
@given(rows, st.permutations(THREE))
def test_names_of_the_classes_do_not_matter(pairs, names):
    true, predicted = (np.array(part) for part in zip(*pairs, strict=True))
    one = classification.confusion(true, predicted, THREE)
    other = classification.confusion(np.array(names)[true], np.array(names)[predicted], THREE)
    for measure in (
        classification.accuracy,
        classification.balanced_accuracy,
        classification.macro_f1,
        classification.kappa,
    ):
        np.testing.assert_allclose(measure(one), measure(other))


def test_bootstrap_of_a_matrix_by_a_plain_loop():
    rng = np.random.default_rng(0)
    true, predicted = rng.integers(0, 3, 60), rng.integers(0, 3, 60)
    subjects = np.repeat(np.arange(20), 3)
    statistic = classification.confusion_of(classification.macro_f1, true, predicted, THREE)
    figure = bootstrap(statistic, subjects, replicates=200)
    values = []
    for counts in draw_counts(20, 200, np.random.default_rng([0, 0])).astype(int):
        times = counts[subjects]
        values.append(
            classification.macro_f1(
                classification.confusion(true.repeat(times), predicted.repeat(times), THREE)
            )
        )
    assert (figure.low, figure.high) == pytest.approx(tuple(np.quantile(values, [0.025, 0.975])))


def test_classification_report():
    true = np.array(["happy", "sad", "happy", "sad", "happy", "happy"])
    predicted = np.array(["happy", "happy", "happy", "sad", "sad", "happy"])
    found = classification.classification(
        true, predicted, list("aabbcc"), ["happy", "sad", "fear"], "happy", replicates=100
    )
    assert found.accuracy.estimate == pytest.approx(4 / 6)
    assert found.majority.estimate == pytest.approx(4 / 6)
    assert found.skill.estimate == pytest.approx(0)
    assert found.recall["happy"].estimate == 0.75 and found.recall["sad"].estimate == 0.5
    assert found.balanced_accuracy.estimate == 0.625
    assert found.left_out == ("fear",) and not found.recall["fear"].defined
    assert found.support == {"happy": 4, "sad": 2, "fear": 0} and found.mcc is None
    assert found.accuracy.n == 3 and found.accuracy.items == 6


def test_strange_labels_are_named():
    with pytest.raises(ValueError, match="predicted: 1 are not among the classes, such as 'bored'"):
        classification.confusion(["sad"], ["bored"], ["sad", "happy"])


def test_agreement_of_two_labellings():
    perfect = classification.bootstrap_kappa([0, 1, 2, 0], [0, 1, 2, 0], list("abcd"), THREE, replicates=50)
    assert perfect.estimate == 1
    assert not classification.bootstrap_kappa([0, 0], [0, 0], list("ab"), THREE).defined


# --- many attributes


def test_attributes_and_their_means():
    rng = np.random.default_rng(0)
    true = (rng.random((200, 3)) < [0.5, 0.1, 0.8]).astype(float)
    probabilities = np.clip(0.5 + 0.4 * (true - 0.5) + 0.2 * rng.normal(size=true.shape), 0, 1)
    subjects = np.repeat(np.arange(50), 4)
    found = attributes.attributes(
        true, probabilities, subjects, ["Male", "Bald", "Young"], [0.5, 0.1, 0.8], replicates=100
    )
    for at, row in enumerate(found.rows):
        decided = probabilities[:, at] >= 0.5
        assert row.accuracy.estimate == pytest.approx((decided == true[:, at]).mean())
        assert row.auc.estimate == pytest.approx(metrics.roc_auc_score(true[:, at], probabilities[:, at]))
        expected = metrics.balanced_accuracy_score(true[:, at], decided)
        assert row.balanced_accuracy.estimate == pytest.approx(expected)
        assert row.prevalence == pytest.approx(true[:, at].mean())
    bald = found.rows[1]
    assert bald.majority.estimate == pytest.approx(1 - bald.prevalence)
    assert found.mean["accuracy"].estimate == pytest.approx(
        np.mean([r.accuracy.estimate for r in found.rows])
    )
    assert found.number == 3 and found.averaged["skill"] == 3


def test_missing_labels_are_left_out_of_their_attribute_only():
    true = np.array([[1, np.nan], [0, np.nan], [1, np.nan], [0, 1]])
    found = attributes.attributes(
        true,
        np.full((4, 2), 0.9),
        list("aabb"),
        ["x", "y"],
        [0.5, 0.5],
        thresholds=[0.95, 0.5],
        replicates=20,
    )
    assert found.rows[0].accuracy.estimate == 0.5 and found.rows[0].accuracy.items == 4
    assert found.rows[1].accuracy.estimate == 1 and found.rows[1].accuracy.n == 1
    assert not found.rows[1].auc.defined
    nothing = attributes.attributes([[np.nan]], [[0.5]], ["a"], ["z"], [0.5], replicates=10)
    assert not nothing.rows[0].accuracy.defined and nothing.averaged["accuracy"] == 0


def test_bad_attributes():
    with pytest.raises(ValueError, match="must be"):
        attributes.attributes([[1]], [[0.5, 0.5]], ["a"], ["x"], [0.5])
    with pytest.raises(ValueError, match="0, 1 or NaN"):
        attributes.attributes([[-1]], [[0.5]], ["a"], ["x"], [0.5])
    with pytest.raises(ValueError, match="count them"):
        attributes.attributes([[1]], [[np.nan]], ["a"], ["x"], [0.5])


def test_the_balanced_threshold_by_hand():
    # 1 of 4 negatives lies above 2.5, none of the 2 positives below: (3/4 + 1) / 2 is the best.
    scores, positive = [0.0, 1.0, 2.0, 5.0, 3.0, 4.0], [False, False, False, False, True, True]
    assert classification.balanced_threshold(scores, positive) == 2.5
    with pytest.raises(ValueError, match="both classes"):
        classification.balanced_threshold([0.1, 0.2], [True, True])
