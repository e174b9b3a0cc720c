"""The semi-adversarial training turns a classifier's answer on OP, not on SM; its terms are what they say."""

import keras
import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from lib.networks.gender_classifier import gender_classifier
from lib.networks.matcher import matcher
from lib.networks.san import SanAutoencoder
from lib.training.data.augmentations import RandomFlip
from lib.training.loop.device import set_determinism
from lib.training.objectives.semi_adversarial import REPORT, SanPhase, SanWeights, SemiAdversarial, train
from lib.training.plan import TrainingPlan
from lib.training.recipes import fit_autoencoder, fit_classifier, predict_images, reconstruct
from tests.exact import exactly


def autoencoder(world) -> SanAutoencoder:
    male = world.labels["Male"].to_numpy(bool)
    means = [world.images[part].mean(0) / 255 for part in (~male, male, male | True)]
    return SanAutoencoder(np.stack(means).astype(np.float32), 64, decoder=(16, 16), outputs=("sm", "op"))


@pytest.fixture(scope="module")
def parts(world, tmp_path_factory):
    """Rows of training and validation, labels, and a classifier trained on the former."""
    set_determinism(4)
    rows = [np.flatnonzero(world.labels["split"] == name) for name in ("train", "validation")]
    net = gender_classifier(64, dropout=0.0)
    fit_classifier(
        net, world, *rows, TrainingPlan(14, 16, 2e-3), tmp_path_factory.mktemp("c"), augment=(RandomFlip(),)
    )
    return rows, world.labels["Male"].to_numpy(float), net


def test_the_trained_classifier_is_fooled_on_op_and_right_on_sm(world, parts, tmp_path):
    rows, male, classifier = parts
    set_determinism(6)
    net = SemiAdversarial(autoencoder(world), [classifier])
    before = classifier.get_weights()
    fit_autoencoder(net.autoencoder, world, *rows, TrainingPlan(12, 8, 5e-3), tmp_path / "pretraining")
    phase = SanPhase(TrainingPlan(30, 16, 2e-3), SanWeights(pixel_sm=1.0, pixel_op=1.0, gender_op=1.0))
    [history] = train(net, world, *rows, [phase], tmp_path)
    said = reconstruct(net.autoencoder, world.images[rows[0]], male[rows[0]])
    truth = male[rows[0]] > 0.5
    auc = {key: roc_auc_score(truth, predict_images(classifier, one[..., None])) for key, one in said.items()}
    assert auc["op"] < 0.2 and auc["sm"] > 0.8  # .12 and .08 on one and two threads
    assert history.table["gender_op"].iloc[-1] < np.log(2) - 0.05 < history.table["gender_op"].iloc[0]
    assert all(
        exactly(a, b, because="weights that nothing may touch")
        for a, b in zip(before, classifier.get_weights(), strict=True)
    )


def test_terms_are_logged_for_themselves_and_the_loss_is_their_weighted_sum(world, parts, tmp_path):
    rows, _, classifier = parts
    set_determinism(7)
    net = SemiAdversarial(autoencoder(world), [classifier], [matcher(64, widths=(8, 8))])
    weights = SanWeights(2.0, 3.0, 0.5, 0.25, 1.5, 0.75)
    two = [SanPhase(TrainingPlan(1, 16), REPORT), SanPhase(TrainingPlan(1, 16), weights)]
    last = train(net, world, *rows, two, tmp_path)[-1].table.iloc[-1]
    expected = sum(value * last[f"val_{name}"] for name, value in vars(weights).items())
    assert last["val_loss"] == pytest.approx(expected, rel=1e-4)
    assert last["val_matching_sm"] > 0 and 0.3 < last["val_pixel_sm"] < 1.5


def test_targets_differ_in_what_op_should_be(world, parts):
    _, _, classifier = parts
    label = np.array([1.0, 1.0, 0.0], np.float32)
    wanted = {
        target: keras.ops.convert_to_numpy(
            SemiAdversarial(autoencoder(world), [classifier], target=target)._op_label(label)
        )
        for target in ("opposite", "reversed", "half")
    }
    assert wanted["opposite"].tolist() == [0, 0, 1] and wanted["half"].tolist() == [0.5] * 3
    assert wanted["reversed"].tolist() == [0, 1, 1]  # the second face is asked for its own label
    with pytest.raises(ValueError, match="not 'other'"):
        SemiAdversarial(autoencoder(world), [classifier], target="other")
    with pytest.raises(ValueError, match="needs a classifier"):
        SemiAdversarial(autoencoder(world), [])
