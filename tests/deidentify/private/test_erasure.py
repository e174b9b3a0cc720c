import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal, special_ortho_group

from lib.arrays import WeightsError
from lib.deidentify.attacks.embeddings import EmbeddingSet, attack_embeddings
from lib.deidentify.attacks.result import average_by_subject, qualify, strongest_attack
from lib.deidentify.private import erasure
from lib.deidentify.private.erasure import (
    Eraser,
    ErasureError,
    fit_eraser,
)
from lib.deidentify.private.gaussians import (
    barycentre,
    class_moments,
    differing_axes,
    removal,
    root,
    transport_map,
)
from lib.judges.recogniser_embeddings import unit_rows
from lib.measures.verification import verify_embeddings

pytestmark = pytest.mark.numeric

SIZE = 24
PROBES = ("logistic", "quadratic")


def people(count: int, seed: int, *, told: bool = True, prefix: str = "s") -> EmbeddingSet:
    """Three pictures of each of `count` subjects; gender is in the covariances of six directions alone."""
    rng = np.random.default_rng(seed)
    male = np.arange(count) % 2 == 0
    spread = np.ones((2, SIZE))
    if told:
        spread[0, :3] = spread[1, 3:6] = 3
        spread[1, :3] = spread[0, 3:6] = 0.3
    who = rng.normal(size=(count, SIZE)) * spread[male.astype(int)]
    rows = np.repeat(who, 3, 0) + 0.3 * rng.normal(size=(3 * count, SIZE))
    names = np.repeat([f"{prefix}{i}" for i in range(count)], 3)
    return EmbeddingSet(unit_rows(rows), np.repeat(male, 3), names)


@pytest.fixture(scope="module")
def fitting() -> EmbeddingSet:
    return people(900, 0, prefix="e")


@pytest.fixture(scope="module")
def others() -> tuple[EmbeddingSet, EmbeddingSet, EmbeddingSet]:
    return people(500, 1, prefix="a"), people(120, 2, prefix="c"), people(240, 3, prefix="t")


@pytest.fixture(scope="module")
def eraser(fitting) -> Eraser:
    return fit_eraser(fitting.embeddings, fitting.positive, fitting.subjects, removed=6)


def attacked(others, protection=None, **how):
    parts = others if protection is None else [one.mapped(protection) for one in others]
    return attack_embeddings(*parts, attackers=PROBES, replicates=100, **how)


def strongest(attacks):
    return strongest_attack(attacks)[1].auc_free.estimate


def qualified(attacks):
    return qualify({name: one.auc_free for name, one in attacks.items()}, 0.95).passed


def test_a_linear_probe_is_blind_where_a_quadratic_one_sees(others):
    found = attacked(others)
    assert abs(found["logistic"].auc_free.estimate - 0.5) < 0.08
    assert found["quadratic"].auc_free.estimate > 0.95


@pytest.mark.parametrize(("transport", "most"), [(False, 0.08), (True, 0.17)])
def test_erasure_blinds_the_quadratic_attacker_and_keeps_identity(fitting, others, transport, most):
    """Rows near the border are carried by the wrong map now and then, which leaves a little."""
    eraser = fit_eraser(
        fitting.embeddings, fitting.positive, fitting.subjects, removed=6, transport=transport
    )
    assert abs(strongest(attacked(others, eraser)) - 0.5) < most
    test = others[2]
    after = verify_embeddings(eraser(test.embeddings), test.subjects, replicates=20)
    before = verify_embeddings(test.embeddings, test.subjects, replicates=20)
    assert before.auc.estimate - after.auc.estimate < 0.02


def test_barycentre_of_commuting_covariances_has_the_closed_form():
    turn = special_ortho_group.rvs(6, random_state=0)
    first, second = np.array([1, 2, 3, 4, 5, 6.0]), np.array([9, 0.1, 4, 1, 2, 0.5])
    found = barycentre(turn @ np.diag(first) @ turn.T, turn @ np.diag(second) @ turn.T)
    wanted = turn @ np.diag(((np.sqrt(first) + np.sqrt(second)) / 2) ** 2) @ turn.T
    np.testing.assert_allclose(found, wanted, atol=1e-7)


def test_maps_carry_each_covariance_to_the_barycentre(fitting):
    covariances = class_moments(fitting.embeddings, fitting.positive)[1]
    target = barycentre(*covariances)
    maps = [transport_map(one, target) for one in covariances]
    for covariance, carry in zip(covariances, maps, strict=True):
        np.testing.assert_allclose(carry @ covariance @ carry.T, target, atol=1e-10)
    back = sum(np.linalg.inv(carry) for carry in maps) / 2  # from the barycentre to both: on average nowhere
    np.testing.assert_allclose(back, np.eye(SIZE), atol=1e-6)


def test_a_map_chosen_by_the_true_label_stamps_it():
    """Embeddings without any gender: maps fitted on few subjects differ by chance, and so give it away."""
    few = people(60, 5, told=False, prefix="e")
    others = [people(n, i, told=False, prefix=p) for n, i, p in ((600, 6, "a"), (150, 7, "c"), (300, 8, "t"))]
    fitted = fit_eraser(few.embeddings, few.positive, few.subjects, removed=0, pooling=0)

    def stamped(one: EmbeddingSet) -> EmbeddingSet:
        parts = (fitted.arrays[name] for name in ("means", "maps", "centre"))
        return EmbeddingSet(erasure.carried(one.embeddings, one.positive, *parts), one.positive, one.subjects)

    honest = strongest(attacked(others, fitted))
    wrong = strongest(attack_embeddings(*map(stamped, others), attackers=PROBES, replicates=50))
    assert honest < 0.6 < 0.85 < wrong


def test_means_that_differ_are_an_axis():
    means = np.array([[0, 0, 0], [0, 2.0, 0]])
    axes = differing_axes(means, np.stack([np.eye(3), np.eye(3)]), shrinkage=0)
    np.testing.assert_allclose(axes.values, [4, 0, 0], atol=1e-12)
    np.testing.assert_allclose(np.abs(axes.vectors[:, 0]), [0, 1, 0], atol=1e-12)


def test_removal_keeps_the_place_where_all_embeddings_lie(fitting):
    far = EmbeddingSet(
        unit_rows(fitting.embeddings + 3 * np.eye(SIZE)[10]), fitting.positive, fitting.subjects
    )
    fitted = fit_eraser(far.embeddings, far.positive, far.subjects, removed=8, transport=False)
    assert np.einsum("nd,nd->n", fitted(far.embeddings), far.embeddings).min() > 0.8


def test_pooling_makes_the_maps_of_few_subjects_differ_less():
    few = people(60, 5, told=False)
    maps = [
        fit_eraser(few.embeddings, few.positive, few.subjects, removed=0, pooling=one).arrays["maps"]
        for one in (0, 0.5, 1)
    ]
    apart = [float(np.abs(first - second).max()) for first, second in maps]
    assert apart[0] > 1.5 * apart[1] and apart[2] < 1e-5
    with pytest.raises(ErasureError, match="pooling"):
        fit_eraser(few.embeddings, few.positive, few.subjects, removed=0, pooling=1.1)


def test_removed_axes_are_empty_and_rows_across_them_untouched(fitting):
    axes = differing_axes(*class_moments(fitting.embeddings, fitting.positive))
    assert (np.diff(np.abs(axes.values)) <= 0).all()
    np.testing.assert_allclose(axes.vectors.T @ axes.metric @ axes.vectors, np.eye(SIZE), atol=1e-9)
    projection = removal(axes.vectors, 5)
    np.testing.assert_allclose(fitting.embeddings @ projection @ axes.vectors[:, :5], 0, atol=1e-9)
    across = np.linalg.svd(axes.vectors[:, :5])[0][:, 5:]
    np.testing.assert_allclose(projection @ across, across, atol=1e-9)
    np.testing.assert_allclose(removal(axes.vectors, 0), np.eye(SIZE), atol=1e-12)


def test_a_subject_with_many_pictures_counts_once():
    few = people(60, 9)
    twice = np.r_[np.arange(180), np.repeat(np.arange(9), 40)]
    rows, male, names = few.embeddings[twice], few.positive[twice], few.subjects[twice]
    for one, other in zip(
        class_moments(few.embeddings, few.positive, few.subjects),
        class_moments(rows, male, names),
        strict=True,
    ):
        np.testing.assert_allclose(one, other, atol=1e-12)
    assert not np.allclose(
        class_moments(rows, male)[0], class_moments(few.embeddings, few.positive)[0], atol=1e-3
    )


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**31), size=st.integers(2, 12))
def test_the_spectrum_does_not_depend_on_the_axes_of_the_embedding(seed, size):
    rng = np.random.default_rng(seed)
    pair = np.stack([part @ part.T + 0.1 * np.eye(size) for part in rng.normal(size=(2, size, size))])
    turn = special_ortho_group.rvs(size, random_state=rng)
    means = rng.normal(size=(2, size))
    values = differing_axes(means, pair).values
    turned = differing_axes(means @ turn.T, turn @ pair @ turn.T).values
    np.testing.assert_allclose(np.sort(turned), np.sort(values), atol=1e-8)
    carried = barycentre(*(turn @ pair @ turn.T))
    np.testing.assert_allclose(carried, turn @ barycentre(*pair) @ turn.T, atol=1e-5 * np.trace(carried))


def test_another_number_of_directions_needs_no_other_fit(fitting, eraser):
    how = {"transport": False}
    wanted, found = (
        fit_eraser(fitting.embeddings, fitting.positive, fitting.subjects, removed=one, **how)
        for one in (3, 0)
    )
    assert found.removing(3).facts == wanted.facts
    np.testing.assert_allclose(found.removing(3)(fitting.embeddings), wanted(fitting.embeddings), atol=1e-6)
    np.testing.assert_allclose(found(fitting.embeddings), fitting.embeddings, atol=1e-6)
    with pytest.raises(ErasureError, match="removed"):
        eraser.removing(SIZE)
    unordered = {name: array for name, array in eraser.arrays.items() if name != "axes"}
    with pytest.raises(ErasureError, match="fit_eraser"):
        Eraser(unordered, eraser.facts).removing(2)


def test_the_root_is_a_root():
    matrix = np.array([[2.0, 1], [1, 2]])
    np.testing.assert_allclose(root(matrix) @ root(matrix), matrix, atol=1e-12)
    np.testing.assert_allclose(root(matrix) @ root(matrix, -0.5), np.eye(2), atol=1e-12)


def test_what_is_saved_is_what_is_read(eraser, others, tmp_path):
    first, second = eraser.save(tmp_path / "a.npz"), eraser.save(tmp_path / "b.npz")
    read = Eraser.load(tmp_path / "a.npz")
    assert first == second and read.facts == json.loads(json.dumps(dict(eraser.facts)))
    assert read.facts["subjects"] == 900 and read.facts["removed"] == 6
    out = eraser(others[2].embeddings)
    assert out.dtype == np.float32 and out.shape == others[2].embeddings.shape
    np.testing.assert_allclose(np.linalg.norm(out, axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(read(others[2].embeddings), out, atol=1e-6)


def test_equal_seeds_give_equal_erasers(tmp_path):
    few = people(60, 9)
    for name in "ab":
        fit_eraser(few.embeddings, few.positive, few.subjects, removed=2).save(tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_predicted_labels_are_those_of_the_likelier_gaussian(fitting, others, eraser):
    rows = others[0].embeddings
    means, covariances = class_moments(fitting.embeddings, fitting.positive)
    likelihoods = [
        multivariate_normal(mean, one + erasure.LABEL_SHRINKAGE * np.trace(one) / SIZE * np.eye(SIZE)).logpdf(
            rows
        )
        for mean, one in zip(means, covariances, strict=True)
    ]
    np.testing.assert_allclose(
        erasure.scored(rows, eraser.arrays), np.subtract(*likelihoods[::-1]), atol=1e-3
    )
    assert (eraser.predicted(rows) == others[0].positive).mean() > 0.97


def test_damaged_and_missing_files_are_named(eraser, tmp_path):
    with pytest.raises(WeightsError, match=r"none\.npz is missing"):
        Eraser.load(tmp_path / "none.npz")
    changed = {**eraser.arrays, "projection": eraser.arrays["projection"] + 1}
    eraser.save(tmp_path / "a.npz")
    with np.load(tmp_path / "a.npz", allow_pickle=False) as file:
        np.savez(tmp_path / "b.npz", about=file["about"], **changed)
    with pytest.raises(WeightsError, match=r"b\.npz is damaged"):
        Eraser.load(tmp_path / "b.npz")
    (tmp_path / "c.npz").write_bytes((tmp_path / "a.npz").read_bytes()[:5000])
    with pytest.raises(WeightsError, match=r"c\.npz cannot be read"):
        Eraser.load(tmp_path / "c.npz")


def _nothing(rows, male, names):
    return rows, male, names


@pytest.mark.parametrize(
    ("change", "removed", "message"),
    [
        (lambda rows, male, names: (rows, male | True, names), 2, "one class"),
        (lambda rows, male, names: (rows, male, np.where(male, "x", names)), 2, "1 subjects in the smaller"),
        (lambda rows, male, names: (2 * rows, male, names), 2, "not of length 1"),
        (lambda rows, male, names: (np.where(rows > 0.5, np.nan, rows), male, names), 2, "not finite"),
        (lambda rows, male, names: (rows, male, names[1:]), 2, "subjects"),
        (lambda rows, male, names: (rows, 2 * male, names), 2, "true or false"),
        (lambda rows, male, names: (rows[0], male, names), 2, r"\(N, d\)"),
        (_nothing, SIZE, "removed"),
        (_nothing, -1, "removed"),
    ],
)
def test_what_no_eraser_can_be_fitted_on_is_refused(change, removed, message):
    few = people(60, 9)
    with pytest.raises(ErasureError, match=message):
        fit_eraser(*change(few.embeddings, few.positive, few.subjects), removed=removed)


def test_what_cannot_be_erased_is_refused(eraser):
    rows = unit_rows(np.ones((2, SIZE)))
    for wrong in (2 * rows, rows * np.nan, unit_rows(np.ones((2, 3)))):
        with pytest.raises(ErasureError):
            eraser(wrong)
    assert eraser(rows[:0]).shape == (0, SIZE)


def test_attackers_have_as_many_subjects_as_they_are_given(others):
    hundred = (others[0].limited(100), *others[1:])
    assert {one.learned_subjects for one in attacked(hundred).values()} == {100}
    few, more = others[0].limited(50), others[0].limited(100)
    assert set(few.subjects) < set(more.subjects)


def test_attackers_must_reach_the_unprotected_figure_first(others):
    plain = attacked(others)
    assert qualified(plain) == ("quadratic",)
    assert plain["quadratic"].auc_free.n == 240
    with pytest.raises(ValueError, match="train better ones"):
        qualified(attacked(others, lambda rows: np.ones_like(rows) + 1e-3 * rows[:, :1]))


def test_nobody_is_in_two_samples(others):
    with pytest.raises(ValueError, match="in two samples"):
        attack_embeddings(others[0], others[1], others[0])


def test_scores_are_averaged_over_a_subjects_pictures(others):
    scores, male, names = average_by_subject(
        np.array([1.0, 3, 5, -1]), np.array([True, True, False, False]), np.array(["a", "a", "b", "b"])
    )
    assert scores.tolist() == [2, 2] and male.tolist() == [True, False] and names.tolist() == ["a", "b"]
    found = attacked(others)
    assert found["quadratic"].averaged.items == found["quadratic"].averaged.n == 240


@pytest.mark.parametrize("name", ["perceptron_128", "boosting"])
def test_the_other_attackers_see_covariances_too(others, name):
    [found] = attack_embeddings(*others, attackers=[name], replicates=20).values()
    assert found.auc_free.estimate > 0.85 and found.calibration_auc > 0.85
