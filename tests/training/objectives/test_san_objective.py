"""The semi-adversarial training turns a classifier's answer on OP, not on SM; its terms are what they say."""

import keras
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from lib.faces.faceset import FaceSet
from lib.networks.matcher import matcher
from lib.networks.san import SanAutoencoder
from lib.training.inference import predict_images, reconstruct
from lib.training.loop.device import set_determinism
from lib.training.objectives.san_objective import REPORT, SanWeights, SemiAdversarial, train
from lib.training.objectives.weighted import Phase
from lib.training.recipes import fit_autoencoder
from lib.training.training_plan import TrainingPlan
from tests.exact import exactly

SIDE = 32


@pytest.fixture(scope="module")
def barred() -> FaceSet:
    """Two pictures of each of 60 subjects, bright or dark; the upper half is brighter for the label male."""
    random, subject = np.random.default_rng(0), np.repeat(np.arange(60), 2)
    male = subject % 2 == 1
    pictures = random.integers(40, 160, (120, 1, 1, 1)) + random.integers(0, 10, (120, SIDE, SIDE, 1))
    pictures[male, : SIDE // 2] += 50
    labels = pd.DataFrame({"image": [f"i{n}" for n in range(120)], "subject": [f"s{n}" for n in subject]})
    labels["split"] = np.where(subject < 36, "train", "validation")  # whole batches
    labels["Male"] = pd.array(male, dtype="boolean")
    return FaceSet(np.repeat(pictures, 3, -1).astype(np.uint8), labels, "barred")


def autoencoder(faces: FaceSet) -> SanAutoencoder:
    male = faces.binary("Male")
    means = [faces.images[part].mean(0) / 255 for part in (~male, male, male | True)]
    return SanAutoencoder(np.stack(means).astype(np.float32), SIDE, decoder=(16, 16), outputs=("sm", "op"))


@pytest.fixture(scope="module")
def parts(barred):
    """Rows of training and validation, labels, and a classifier that compares the two halves.

    It is written down, not trained: whether a small network learns its few pictures depends on rounding.
    """
    rows = [np.flatnonzero(barred.labels["split"] == name) for name in ("train", "validation")]
    image = keras.Input((SIDE, SIDE, 1))
    halves = keras.layers.AveragePooling2D((SIDE // 2, SIDE))(image)
    net = keras.Model(image, keras.layers.Dense(1, dtype="float32")(keras.layers.Flatten()(halves)))
    net.set_weights([np.array([[40.0], [-40.0]], np.float32), np.array([-40 * 25 / 255], np.float32)])
    return rows, barred.labels["Male"].to_numpy(float), net


def test_the_classifier_is_fooled_on_op_and_right_on_sm(barred, parts, tmp_path):
    rows, male, classifier = parts
    set_determinism(6)
    net = SemiAdversarial(autoencoder(barred), [classifier])
    before = classifier.get_weights()
    fit_autoencoder(net.autoencoder, barred, *rows, TrainingPlan(4, 8, 5e-3), tmp_path / "pretraining")
    phase = Phase(TrainingPlan(10, 8, 5e-3), SanWeights(pixel_sm=1.0, pixel_op=1.0, gender_op=1.0))
    [history] = train(net, barred, *rows, [phase], tmp_path)
    said = reconstruct(net.autoencoder, barred.images[rows[1]], male[rows[1]])
    truth = male[rows[1]] > 0.5
    auc = {key: roc_auc_score(truth, predict_images(classifier, one[..., None])) for key, one in said.items()}
    assert auc["op"] < 0.2 and auc["sm"] > 0.8
    assert history.table["gender_op"].iloc[-1] < np.log(2) - 0.05 < history.table["gender_op"].iloc[0]
    assert all(
        exactly(a, b, because="weights that nothing may touch")
        for a, b in zip(before, classifier.get_weights(), strict=True)
    )


def test_terms_are_logged_for_themselves_and_the_loss_is_their_weighted_sum(barred, parts, tmp_path):
    rows, _, classifier = parts
    set_determinism(7)
    net = SemiAdversarial(autoencoder(barred), [classifier], [matcher(SIDE, widths=(8, 8))])
    weights = SanWeights(2.0, 3.0, 0.5, 0.25, 1.5, 0.75)
    two = [Phase(TrainingPlan(1, 16), REPORT), Phase(TrainingPlan(1, 16), weights)]
    last = train(net, barred, *rows, two, tmp_path)[-1].table.iloc[-1]
    expected = sum(value * last[f"val_{name}"] for name, value in vars(weights).items())
    assert last["val_loss"] == pytest.approx(expected, rel=1e-4)
    assert last["val_matching_sm"] > 0 and 0.3 < last["val_pixel_sm"] < 1.5


def test_targets_differ_in_what_op_should_be(barred, parts):
    _, _, classifier = parts
    label = np.array([1.0, 1.0, 0.0], np.float32)
    wanted = {
        target: keras.ops.convert_to_numpy(
            SemiAdversarial(autoencoder(barred), [classifier], target=target)._op_label(label)
        )
        for target in ("opposite", "reversed", "half")
    }
    assert wanted["opposite"].tolist() == [0, 0, 1] and wanted["half"].tolist() == [0.5] * 3
    assert wanted["reversed"].tolist() == [0, 1, 1]  # the second face is asked for its own label
    with pytest.raises(ValueError, match="not 'other'"):
        SemiAdversarial(autoencoder(barred), [classifier], target="other")
    with pytest.raises(ValueError, match="needs a classifier"):
        SemiAdversarial(autoencoder(barred), [])
