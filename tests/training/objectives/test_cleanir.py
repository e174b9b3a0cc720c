"""CLEANIR learns a face from its halves, its terms are what they say, and it resumes."""

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from keras import ops
from sklearn.linear_model import Ridge

from lib.faces.faceset import FaceSet
from lib.faces.grey import to_grey
from lib.networks.cleanir import cleanir_decoder, cleanir_encoder
from lib.networks.cleanir_losses import cosine_distance, grey_of, kl_divergence, reverse_gradient
from lib.networks.san_losses import pixel_floor
from lib.training.loop.device import set_determinism
from lib.training.objectives.cleanir_objective import (
    Cleanir,
    CleanirWeights,
    _seen,
    fit_cleanir,
    mean_of_others,
    phases_of,
)
from lib.training.objectives.weighted import Phase
from lib.training.training_plan import TrainingPlan
from tests.exact import exactly

HALVES = {"identity": 6, "attributes": 10}
SIZE = 32


def network(*, vae=True, seed=0, **options):
    set_determinism(seed)
    made = {**HALVES, "width": 1 / 16}
    return Cleanir(cleanir_encoder(SIZE, vae=vae, **made), cleanir_decoder(SIZE, **made), **options)


@pytest.fixture(scope="module")
def faces():
    """Two patches of colour: one says whose picture it is, as the embeddings do, the other changes."""
    rng = np.random.default_rng(0)
    own = rng.uniform(size=(16, 3)).repeat(4, axis=0)
    images = np.empty((64, SIZE, SIZE, 3))
    images[:, :16], images[:, 16:] = own[:, None, None], rng.uniform(size=(64, 1, 1, 3))
    subject = np.arange(64) // 4
    split = np.where(subject < 12, "train", "validation")
    labels = pd.DataFrame(
        {"image": np.arange(64).astype(str), "subject": subject.astype(str), "split": split}
    )
    embeddings = (own - own.mean(axis=0)) @ rng.normal(size=(3, 6))
    return (
        FaceSet(np.rint(255 * images).astype(np.uint8), labels, "patches"),
        [np.flatnonzero(split == name) for name in ("train", "validation")],
        embeddings.astype(np.float32),
    )


def trained(net, faces, folder, epochs=30, weights=None):
    own, rows, embeddings = faces
    weights = weights or CleanirWeights(1, 0.01, 300)
    plan = TrainingPlan(epochs, 16, 5e-3)
    return fit_cleanir(net, own, *rows, embeddings, [Phase(plan, weights)], folder)[0].table


def test_it_learns_both(faces, tmp_path):
    own, (rows, _), _ = faces
    net = network()
    table = trained(net, faces, tmp_path)
    image = own.images[rows] / np.float32(255)
    floor = float(ops.mean(pixel_floor(image, "sum")))
    excess = table["reconstruction"] - floor
    assert 0 < excess.iloc[-1] < 0.7 * excess.iloc[0]
    assert table["identity"].iloc[-1] < 0.3 < 0.6 < table["identity"].iloc[0]
    last = table.iloc[-1]
    expected = last["val_reconstruction"] + 0.01 * last["val_divergence"] + 300 * last["val_identity"]
    assert last["val_loss"] == pytest.approx(expected, rel=1e-4)


def test_terms_by_hand(faces):
    own, (rows, _), embeddings = faces
    net = network()
    inputs = {"image": own.images[rows[:8]] / np.float32(255), "embedding": embeddings[rows[:8]]}
    outputs = net(inputs)
    values = net.term_values(inputs, outputs)
    x, p = inputs["image"], np.clip(np.asarray(outputs["face"]), 1e-7, 1 - 1e-7)
    by_hand = -(x * np.log(p) + (1 - x) * np.log(1 - p)).sum(axis=(1, 2, 3)).mean()
    assert float(values["reconstruction"]) == pytest.approx(by_hand, rel=1e-4)
    distance = ops.mean(cosine_distance(inputs["embedding"], outputs["mean"][:, :6]))
    assert float(values["identity"]) == pytest.approx(float(distance), rel=1e-5)
    divergence = ops.mean(kl_divergence(outputs["mean"], outputs["log_variance"]))
    assert float(values["divergence"]) == pytest.approx(float(divergence), rel=1e-5)


def test_only_training_draws(faces):
    own, (rows, _), _ = faces
    net, image = network(), own.images[rows[:4]] / np.float32(255)
    twice = [net({"image": image})["identity"] for _ in range(2)]
    assert np.abs(twice[0] - twice[1]).max() < 1e-6
    drawn = [net({"image": image}, training=True)["identity"] for _ in range(2)]
    assert np.abs(drawn[0] - drawn[1]).max() > 0.1
    plain = network(vae=False)
    inputs = {"image": image, "embedding": np.ones((4, 6), np.float32)}
    assert float(plain.term_values(inputs, plain(inputs, training=True))["divergence"]) == 0


def first_channel(pictures):
    """A matcher of grey pictures: mean brightness of the upper and of the lower half."""
    halves = ops.split(ops.cast(pictures, "float32"), 2, axis=1)
    return ops.stack([ops.mean(one, axis=(1, 2, 3)) - 0.5 for one in halves], axis=1)


def swapped(net, outputs, rows):
    """Faces of the first rows with the identity of the row before, as the objective paints them."""
    given = ops.roll(outputs["given"], 1, axis=0)[:rows]
    return net.decoder({"identity": given, "attributes": outputs["attributes"][:rows]})


@pytest.mark.parametrize(("batch", "half"), [(4, 2), (5, 3), (1, 1)])
def test_recognised_looks_at_half_the_batch_with_another_identity(faces, batch, half):
    own, (rows, _), embeddings = faces
    net = network(matcher=first_channel)
    net.weights_of_terms = CleanirWeights(recognised=1.0)
    image = own.images[rows[:batch]] / np.float32(255)
    matched = np.random.default_rng(0).normal(size=(batch, 2)).astype(np.float32)
    inputs = {"image": image, "embedding": embeddings[rows[:batch]], "matched": matched}
    outputs = net(inputs)
    value = float(net.term_values(inputs, outputs)["recognised"])
    seen = ops.average_pool(grey_of(swapped(net, outputs, half)), 2, strides=1, padding="same")
    apart = cosine_distance(np.roll(matched, 1, axis=0)[:half], first_channel(seen))
    assert value == pytest.approx(float(ops.mean(apart)), rel=1e-4)


def test_a_pattern_of_single_pixels_is_not_shown_to_the_matcher(faces):
    board = (np.indices((SIZE, SIZE)).sum(axis=0) % 2)[None, ..., None].repeat(3, axis=-1)
    seen = np.asarray(_seen(ops.convert_to_tensor(board, "float32")))
    assert np.ptp(seen[:, :-1, :-1]) < 1e-6
    broad = board.repeat(4, axis=1).repeat(4, axis=2)[:, :SIZE, :SIZE]
    slow = np.asarray(_seen(ops.convert_to_tensor(broad, "float32")))
    assert np.ptp(slow[:, :-1, :-1]) > 0.4


class Told:
    """An encoder without variables that reads the same from every picture."""

    trainable_variables: tuple = ()
    non_trainable_variables: tuple = ()

    def __init__(self, mean):
        self.mean = mean

    def stateless_call(self, trainable, fixed, pictures, training):
        return {"mean": self.mean}, ()


def test_kept_is_nought_where_the_attributes_return_and_two_where_nothing_does(faces):
    own, (rows, _), _ = faces
    net = network()
    net.weights_of_terms = CleanirWeights(kept=1.0)
    image = own.images[rows[:32]] / np.float32(255)
    outputs = net({"image": image})
    net.encoder = Told(outputs["mean"][:16])
    assert float(net._kept(outputs, None)) == pytest.approx(0, abs=1e-6)
    shape = (2000, outputs["mean"].shape[1])
    wanted = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    net.encoder = Told(ops.convert_to_tensor(wanted[1000:]))
    assert float(net._kept({"mean": ops.convert_to_tensor(wanted)}, None)) == pytest.approx(2, rel=0.05)


def test_shared_paints_with_what_the_other_pictures_say(faces):
    own, (rows, _), embeddings = faces
    net = network()
    image = own.images[rows[:4]] / np.float32(255)
    others = np.random.default_rng(0).normal(size=(4, 6)).astype(np.float32)
    inputs = {"image": image, "embedding": embeddings[rows[:4]], "others": others}
    assert np.asarray(net(inputs, training=True)["given"]) != pytest.approx(others)
    net.weights_of_terms = CleanirWeights(reconstruction=0, shared=1)
    outputs = net(inputs, training=True)
    assert np.asarray(outputs["given"]) == pytest.approx(others)
    terms = net.term_values(inputs, outputs, training=True)
    assert float(terms["shared"]) == pytest.approx(float(terms["reconstruction"]))
    plain = net(inputs, training=False)
    assert np.asarray(plain["given"]) == pytest.approx(np.asarray(plain["identity"]))


def test_the_mean_of_others_leaves_the_picture_itself_out():
    subjects = np.array(["a", "b", "a", "a", "c", "c"])
    embeddings = np.array([[1, 0], [0, 1], [0, 2], [0, 4], [9, 9], [7, 7]], np.float32)
    found = mean_of_others(embeddings, subjects, np.array([0, 1, 2, 3]))
    expected = [[0, 1], [0, 1], [1 / 17**0.5, 4 / 17**0.5], [1 / 5**0.5, 2 / 5**0.5], [0, 0], [0, 0]]
    assert found == pytest.approx(np.array(expected), abs=1e-6)


def test_grey_is_that_of_the_faces_and_a_reversed_gradient_is_reversed():
    colours = np.random.default_rng(0).integers(0, 256, (2, 4, 4, 3), dtype=np.uint8)
    assert (
        np.abs(np.asarray(grey_of(colours / np.float32(255)))[..., 0] * 255 - to_grey(colours)).max() < 0.51
    )
    values = keras.Variable([1.0, -2.0])
    with tf.GradientTape(persistent=True) as tape:
        plain, turned = ops.sum(values * values), ops.sum(reverse_gradient(values) ** 2)
    assert float(plain) == pytest.approx(float(turned))
    gradients = [np.asarray(tape.gradient(one, values.value)) for one in (plain, turned)]
    assert np.allclose(gradients[0], -gradients[1]) and np.abs(gradients[0]).min() > 0


def test_the_encoder_unlearns_what_an_adversary_guesses(faces, tmp_path):
    """Without the term, the attributes' half betrays the embedding to a reader that is trained afterwards."""
    own, (rows, validation), embeddings = faces

    def betrayed(weights):
        net = network(vae=False)
        trained(net, faces, tmp_path / str(weights.leak), 40, weights)
        told = np.asarray(net.encoder(own.images / np.float32(255))["mean"])[:, 6:]
        told = (told - told[rows].mean(0)) / (told[rows].std(0) + 1e-6)
        read = Ridge(1.0).fit(told[rows], embeddings[rows]).predict(told[validation])
        return float(np.mean(np.sum(read * embeddings[validation], 1)))

    assert betrayed(CleanirWeights(1, 0, 300, leak=300)) < betrayed(CleanirWeights(1, 0, 300)) - 0.1


def test_phases_are_read_from_parameters():
    later = {"epochs": 1, "learning_rate": 1e-4, "batch": 4, "leak": 5}
    first, second = phases_of([{"epochs": 2, "learning_rate": 1e-3}, later], 16, 3)
    assert (
        exactly(first.weights, CleanirWeights(), because="literals")
        and first.plan.batch == 16
        and first.plan.seed == 3
    )
    assert second.weights.leak == 5 and second.plan.batch == 4
    with pytest.raises(TypeError, match="leek"):
        phases_of([{"epochs": 1, "learning_rate": 1e-3, "leek": 5}], 16, 3)


def test_half_the_cross_entropy_ends_white(faces, tmp_path):
    own, (rows, _), _ = faces
    means = {}
    for kind in ("half", "full"):
        net = network(reconstruction=kind)
        trained(net, faces, tmp_path / kind, 20, CleanirWeights(1, 0, 0))
        means[kind] = float(ops.mean(net({"image": own.images[rows] / np.float32(255)})["face"]))
    assert means["half"] > 0.85, means  # and still rising: its only minimum is 1
    assert means["full"] == pytest.approx(own.images[rows].mean() / 255, abs=0.1)


def test_weights_of_the_source():
    assert exactly(CleanirWeights.of_source(64), CleanirWeights(1, 0.073, 3333), because="literals")
    assert CleanirWeights.of_source(32).identity == pytest.approx(3333 / 4)


def test_what_does_not_fit(faces, tmp_path):
    own, (rows, validation), embeddings = faces
    net, phases = network(), [Phase(TrainingPlan(1, 16), CleanirWeights())]
    with pytest.raises(ValueError, match=r"needs embeddings \(64, 6\), not \(64, 5\)"):
        fit_cleanir(net, own, rows, validation, embeddings[:, :5], phases, tmp_path)
    holes = embeddings.copy()
    holes[rows[3]] = np.nan
    with pytest.raises(ValueError, match="leave faces without an embedding out"):
        fit_cleanir(net, own, rows, validation, holes, phases, tmp_path)
    with pytest.raises(ValueError, match="1 subjects are in training and in validation"):
        fit_cleanir(net, own, rows, rows[:1], embeddings, phases, tmp_path)
    with pytest.raises(ValueError, match="full or half"):
        network(reconstruction="most")
    with pytest.raises(ValueError, match="the encoder gives 16 numbers, the decoder takes 6 and 4"):
        Cleanir(net.encoder, cleanir_decoder(SIZE, identity=6, attributes=4, width=1 / 16))
    assert isinstance(net.encoder, keras.Model)
