"""An attacker who retrains reads what a judge of originals does not see, and nothing where nothing is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from keras import Model, layers

from lib.deidentify.attacks.image_attackers import AttackerTraining, train_attacker
from lib.deidentify.attacks.reading_attackers import AttackReader
from lib.deidentify.attacks.result import (
    AttackResult,
    AttackSplit,
    attack_result,
    calibrated_auc,
    check_disjoint_subjects,
    qualify,
    strongest_attack,
)
from lib.faces.faceset import FaceSet
from lib.faces.grey import as_rgb, to_grey
from lib.faces.row_sampling import limit_subjects
from lib.measures.estimate import Estimate, strongest, undefined_estimate
from lib.networks.registry import ARCHITECTURES
from lib.training.store.model_store import ModelStore
from lib.training.training_plan import TrainingPlan

SIZE = 32
PLAN = TrainingPlan(epochs=6, batch=16, learning_rate=3e-2)
NUMBER = 200
TRAIN, CALIBRATION, TEST, OTHERS = np.split(np.arange(NUMBER), [96, 128, 192])


def small(size: int) -> Model:
    """Eight filters and their mean over the picture."""
    image = layers.Input((size, size, 1))
    x = layers.Conv2D(8, 4, strides=2, activation="relu")(layers.Rescaling(4.0, -1.6)(image))
    return Model(image, layers.Dense(1)(layers.GlobalAveragePooling2D()(x)))


@pytest.fixture(scope="module", autouse=True)
def known_architecture() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(ARCHITECTURES._entries, "small", f"{__name__}:small")
        yield


@pytest.fixture(scope="module")
def faces() -> FaceSet:
    """Two noisy pictures of each of 100 subjects; the male ones have a bright bar."""
    rng = np.random.default_rng(0)
    images = rng.integers(60, 140, (NUMBER, SIZE, SIZE))
    male = np.arange(NUMBER) // 2 % 2 == 0
    images[male, 12:16] += 100
    labels = pd.DataFrame(
        {
            "image": [f"{i}.png" for i in range(NUMBER)],
            "subject": [f"s{i // 2}" for i in range(NUMBER)],
            "split": "train",
            "Male": pd.array(male, dtype="boolean"),
        }
    )
    return FaceSet(as_rgb(images.astype(np.uint8)), labels, "synthetic")


def male_of(faces: FaceSet) -> np.ndarray:
    return faces.labels["Male"].to_numpy(bool)


@pytest.fixture(scope="module")
def noise() -> np.ndarray:
    return np.random.default_rng(1).integers(60, 140, (NUMBER, SIZE, SIZE)).astype(np.uint8)


@pytest.fixture(scope="module")
def stamped(faces, noise) -> np.ndarray:
    """No bar, but fine stripes tell the label: what an encoder does that is told y."""
    out = noise.copy()
    out[male_of(faces), :, ::2] += 30
    out[male_of(faces), :, 1::2] -= 30
    return out


ROWS = AttackSplit(TRAIN, CALIBRATION, TEST)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("attackers")


@pytest.fixture(scope="module")
def attacked(faces, folder) -> Callable[[np.ndarray], AttackResult]:
    """Train an attacker on pictures and let it read the test subjects'."""

    def read(pictures: np.ndarray) -> AttackResult:
        store, training = ModelStore(folder), AttackerTraining("one", pictures, ROWS, "small", PLAN)
        train_attacker(training, faces, store, None, attribute="Male")
        reader = AttackReader(store, faces, ROWS, "Male")
        return reader.result(reader.scores("one", pictures), replicates=100)

    return read


@pytest.fixture(scope="module")
def before(faces, attacked) -> AttackResult:
    return attacked(to_grey(faces.images))


@pytest.fixture(scope="module")
def on_stamps(stamped, attacked) -> AttackResult:
    return attacked(stamped)


def test_a_retrained_attacker_reads_the_stamp(on_stamps):
    assert on_stamps.auc_free.estimate > 0.95 and on_stamps.calibration_auc > 0.95
    assert on_stamps.learned_subjects == 48 and on_stamps.auc_free.n == 32
    assert len(on_stamps.scores) == len(TEST)


def test_the_store_says_whom_an_attacker_has_seen(on_stamps, folder):
    facts = ModelStore(folder).about("one")
    assert (facts["kind"], facts["learned_images"]) == ("small", 96)
    assert (len(facts["learned_from"]), len(facts["chosen_by"])) == (48, 16)
    assert not set(facts["learned_from"]) & set(facts["chosen_by"])
    assert ModelStore(folder).history("one").epochs == 6


def test_a_classifier_of_originals_does_not_see_the_stamp(faces, stamped, before, attacked):
    """The same network, the same subjects, other pictures: only what it trained on differs."""
    assert before.auc_free.estimate > 0.95
    crossed = stamped.copy()
    crossed[TRAIN], crossed[CALIBRATION] = (to_grey(faces.images[rows]) for rows in (TRAIN, CALIBRATION))
    assert abs(attacked(crossed).auc.estimate - 0.5) < 0.3


def test_noise_tells_nothing_and_the_direction_comes_from_calibration(noise, attacked):
    attack = attacked(noise)
    assert abs(attack.auc_free.estimate - 0.5) < 0.2
    turned = attack.calibration_auc < 0.5
    expected = 1 - attack.auc.estimate if turned else attack.auc.estimate
    assert attack.free.turned == turned and attack.auc_free.estimate == pytest.approx(expected)


def test_the_direction_is_not_chosen_on_the_test_subjects():
    scores, male = np.array([0.1, 0.2, 0.8, 0.9]), np.array([True, True, False, False])
    people = np.arange(4)
    assert attack_result(scores, male, people, 0.7, replicates=20).auc_free.estimate == 0
    assert attack_result(scores, male, people, 0.3, replicates=20).auc_free.estimate == 1
    assert calibrated_auc([1, 2, 3], [False, True, False]) == 0.5
    with pytest.raises(ValueError, match="direction is undefined"):
        attack_result(scores, male, people, calibrated_auc([1, 2], [True, True]))


def test_only_the_named_rows_matter(stamped, on_stamps, attacked):
    """The pictures of the others need not be there; and equal seeds give equal attackers."""
    other = stamped.copy()
    other[OTHERS] = 0
    assert np.allclose(attacked(other).scores, on_stamps.scores, atol=1e-6)


def test_nobody_is_in_two_of_the_three(faces, stamped, tmp_path):
    rows = AttackSplit(TRAIN, np.append(CALIBRATION, 95), TEST)
    training = AttackerTraining("one", stamped, rows, "small", PLAN)
    with pytest.raises(ValueError, match="1 subjects are in two samples, such as s47"):
        train_attacker(training, faces, ModelStore(tmp_path), None, attribute="Male")
    check_disjoint_subjects(["a", "a"], ["b"], ["c"])


def qualified(attacks, *how, **options):
    return qualify({name: one.auc_free for name, one in attacks.items()}, *how, **options)


def toy(scores, male, people, calibration=0.9) -> AttackResult:
    return attack_result(np.asarray(scores, float), male, people, calibration, replicates=50)


def test_the_gate_lets_nobody_pass_who_learned_nothing(before):
    rng = np.random.default_rng(3)
    idle = toy(rng.normal(size=len(before.positive)), before.positive, before.subjects)
    found = qualified({"idle": idle, "good": before}, 0.95)
    assert found.passed == ("good",) and found.failed == ("idle",)
    assert qualified({"idle": idle, "good": before}, {"idle": 0.3, "good": 0.95}).failed == ()
    with pytest.raises(ValueError, match="idle .* of 0.950.*train better ones"):
        qualified({"idle": idle}, 0.95)
    with pytest.raises(ValueError, match="no figure is wanted of"):
        qualified({"idle": idle}, {"good": 0.9})


def test_the_gate_forgives_as_much_as_its_slack():
    scores, male = np.arange(10), np.arange(10) > 4
    scores[[4, 5]] = scores[[5, 4]]  # 24 of 25 couples are in order
    attack = {"one": toy(scores, male, np.arange(10))}
    assert qualified(attack, 0.97).passed == ("one",)
    with pytest.raises(ValueError, match="0.960 of 0.990"):
        qualified(attack, 0.99)
    assert qualified(attack, 0.99, slack=0.04).passed == ("one",)


def test_the_worst_attack_is_the_one_that_reads_most():
    male, people = np.arange(6) > 2, np.arange(6)
    attacks = {"weak": toy([0, 4, 1, 2, 3, 5], male, people), "strong": toy(np.arange(6), male, people)}
    name, found = strongest_attack(attacks)
    assert name == "strong" and found is attacks["strong"]
    assert strongest({"some": Estimate(0.2), "more": Estimate(0.3)}) == "more"
    with pytest.raises(ValueError, match="undefined: none \\(why\\)"):  # it could be the strongest
        strongest({"none": undefined_estimate("why"), "some": Estimate(0.2)})
    with pytest.raises(ValueError, match="undefined: all"):
        strongest({})


def test_averaging_over_a_subject_helps_against_noise():
    rng = np.random.default_rng(4)
    people = np.repeat(np.arange(60), 8)
    male = people % 2 == 0
    single = toy(male + 2 * rng.normal(size=480), male, people)
    assert single.averaged.n == single.auc_free.n == single.averaged.items == 60
    assert single.averaged.estimate > single.auc_free.estimate + 0.1


def test_more_subjects_hold_the_fewer():
    people = np.repeat(np.arange(50), 3)
    few, more = limit_subjects(people, 10), limit_subjects(people, 20)
    assert few.sum() == 30 and more.sum() == 60 and (more | ~few).all()
    assert (limit_subjects(people, 10, seed=1) != few).any() and limit_subjects(people, 99).all()
