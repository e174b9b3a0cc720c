"""Each network learns what its recipe promises, on the one world, and a wrong use stops."""

import numpy as np
import pytest

from lib.faces.grey import to_grey
from lib.networks.gender_classifier import gender_classifier
from lib.networks.matcher import matcher
from lib.networks.san import SanAutoencoder
from lib.training.data.augmentations import ToGrey
from lib.training.data.feed import Batch
from lib.training.inference import predict_images, reconstruct
from lib.training.loop.device import set_determinism
from lib.training.recipes import fit_autoencoder, fit_classifier, fit_matcher
from lib.training.training_plan import TrainingPlan
from tests.exact import exactly


@pytest.fixture(scope="module")
def halves(world):
    split = world.labels["split"].to_numpy()
    return np.flatnonzero(split == "train"), np.flatnonzero(split == "validation")


def male(world) -> np.ndarray:
    return world.labels["Male"].to_numpy(float)


def test_grey_leaves_companions_and_chance_alone(world):
    batch = Batch({"image": world.images[:3], "prototype": world.images[3:6]}, {"y": np.arange(3)})
    out = ToGrey()(batch, np.random.default_rng(0))
    assert exactly(out.pictures["image"][..., 0], to_grey(world.images[:3]), because="whole grey levels")
    assert out.pictures["prototype"] is batch.pictures["prototype"] and exactly(
        out.values, batch.values, because="nothing may touch it"
    )


def test_the_autoencoder_returns_faces_and_is_held_against_their_entropy(world, halves, tmp_path):
    set_determinism(3)
    prototypes = np.stack([world.images.mean(0) / 255] * 3).astype(np.float32)
    net = SanAutoencoder(prototypes, 64, decoder=(16, 16), outputs=("sm",))
    before = reconstruct(net, world.images[:8], male(world)[:8])["sm"]
    plan = TrainingPlan(epochs=12, batch=8, learning_rate=5e-3)
    history = fit_autoencoder(net, world, *halves, plan, tmp_path)
    after = reconstruct(net, world.images[:8], male(world)[:8])["sm"]
    original = to_grey(world.images[:8]).astype(float)
    assert after.dtype == np.uint8 and after.shape == (8, 64, 64)
    assert np.abs(after - original).mean() < 0.6 * np.abs(before - original).mean()
    assert np.corrcoef(after.ravel(), original.ravel())[0, 1] > 0.8
    assert history.last("val_loss") == pytest.approx(history.last("loss"), abs=0.05)


def test_the_classifier_learns_from_training_subjects(world, halves, tmp_path):
    set_determinism(4)
    net = gender_classifier(64)
    plan = TrainingPlan(epochs=12, batch=16, learning_rate=1e-3)
    history = fit_classifier(net, world, *halves, plan, tmp_path)
    said = predict_images(net, world.images)
    assert history.epochs == 12
    assert said.shape == (len(world),) and said.dtype == np.float32
    truth = male(world)[halves[0]] > 0.5
    assert np.mean((said[halves[0]] > 0) == truth) > 0.85
    assert np.mean((said[halves[0]] > 0) == truth[::-1]) < 0.8


def test_the_matcher_brings_pictures_of_a_subject_together(world, halves, tmp_path):
    set_determinism(5)
    net = matcher(64, widths=(8, 16, 24))
    history = fit_matcher(
        net, world, halves[0], TrainingPlan(epochs=8, batch=16, learning_rate=3e-3), tmp_path
    )
    e = predict_images(net, world.images[halves[0]])
    assert np.allclose(np.linalg.norm(e, axis=1), 1, atol=1e-5) and history.last("loss") < 6
    people = world.labels["subject"].to_numpy(str)[halves[0]]
    same = people[:, None] == people
    cosine = e @ e.T
    assert cosine[same & ~np.eye(len(e), dtype=bool)].mean() > cosine[~same].mean() + 0.1
    with pytest.raises(ValueError, match="two subjects or more"):
        fit_matcher(net, world, halves[0][:2], TrainingPlan(epochs=1), None)


def test_subjects_of_validation_may_not_train(world, halves):
    with pytest.raises(ValueError, match="in training and in validation"):
        fit_classifier(gender_classifier(64), world, *[np.arange(40)] * 2, TrainingPlan(epochs=1), None)
