"""Outputs of equal weights and one training step, on the backend of the process.

    KERAS_BACKEND=jax python both_backends.py FILE

Weights follow from a seed in NumPy, so they are the same on every backend without being stored.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras  # noqa: E402
import numpy as np  # noqa: E402

from lib.networks import san_losses  # noqa: E402
from lib.networks.classifiers import patch_classifier, residual_classifier, transformer_classifier  # noqa: E402
from lib.networks.gender_classifier import gender_classifier  # noqa: E402
from lib.networks.matcher import matcher, patch_matcher, with_head  # noqa: E402
from lib.networks.san import SanAutoencoder  # noqa: E402
from lib.networks.san_reference import autoencoder  # noqa: E402

SIZE = 32
SMALL = {"size": SIZE, "decoder": (16, 8)}
CLASSIFIERS = {
    gender_classifier: {},
    residual_classifier: {"widths": (8, 16)},
    patch_classifier: {"blocks": 1, "width": 16},
    transformer_classifier: {"blocks": 1, "width": 32},
}
"""Each with as few blocks as hold all kinds of layers: XLA takes a second for each dozen."""


def unset(initializer, shape, dtype=None):
    """Zeros where `seeded` will set the weights: JAX compiles a program for each shape that it draws."""
    return np.zeros(shape, dtype or "float32")


def seeded(model, seed=0):
    """The network with weights that a seed decides, of the size that its initial ones have."""
    random = np.random.default_rng(seed)
    for variable in model.weights:
        shape, name = tuple(variable.shape), variable.path.rsplit("/", 1)[-1]
        if "int" in variable.dtype:  # the state of dropout
            continue
        noise = random.normal(size=shape).astype(np.float32)
        if len(shape) > 1:
            variable.assign(noise / np.sqrt(np.prod(shape[:-1])))
        else:
            variable.assign((1.0 if name in ("gamma", "moving_variance") else 0.0) + 0.1 * np.tanh(noise))
    return model


def pictures(*shape, seed=1):
    return np.random.default_rng(seed).random(shape).astype(np.float32)


def faces(count=4):
    return {"image": pictures(count, SIZE, SIZE, 1), "label": np.arange(count, dtype=np.float32) % 2}


def networks():
    """Name, network, inputs, targets and loss; no loss where another's step goes through the same layers."""
    image, label = faces()["image"], faces()["label"]
    prototypes = pictures(3, SIZE, SIZE, 3, seed=2)
    same, shown = prototypes[label.astype(int)], prototypes[1 - label.astype(int)]
    plain = {"image": image, "same": same, "shown": shown}
    yield "plain_pointwise", autoencoder(**SMALL), plain, image, san_losses.pixel_loss
    for combiner in ("pointwise", "hidden"):
        fast = SanAutoencoder(prototypes, **SMALL, combiner=combiner, outputs=("op",))
        yield f"fast_{combiner}", fast, faces(), {"op": image}, {"op": san_losses.pixel_loss}
    wanted = label[:, None]
    for make, few in CLASSIFIERS.items():
        loss = None if make is patch_classifier else san_losses.label_loss  # see patch_matcher
        yield make.__name__, make(SIZE, dropout=0.0, **few), image, wanted, loss
    large = pictures(1, 224, 224, 1)
    for reading in ("valid", "original"):
        yield reading, gender_classifier(reading=reading), large, None, None
    subjects = np.array([0, 1, 2, 0], np.int32)
    headed = with_head(matcher(SIZE, dropout=0.0, widths=(8, 16)), 3)
    yield "with_head", headed, {"image": image, "subject": subjects}, None, None  # see residual_classifier
    entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    patches = with_head(patch_matcher(SIZE, dropout=0.0, blocks=1, width=16), 3)
    yield "patch_matcher", patches, {"image": image, "subject": subjects}, subjects, entropy


def first(output):
    return np.asarray(
        keras.ops.convert_to_numpy(next(iter(output.values())) if isinstance(output, dict) else output)
    )


def run():
    """Output of each network, and its loss before and after one step; dropout differs by backend: none."""
    keras.utils.set_random_seed(0)
    found = {}
    for name, model, inputs, targets, loss in networks():
        # TensorFlow computes the same without a graph, which takes longer to make than to run once.
        jax = keras.backend.backend() == "jax"
        seeded(model).compile(keras.optimizers.SGD(1e-3), loss, jit_compile=jax, run_eagerly=not jax)
        found[name] = first(model.predict_on_batch(inputs))
        if loss is not None:
            found[f"{name}/loss"] = np.array(model.train_on_batch(inputs, targets))
            found[f"{name}/moved"] = np.abs(first(model.predict_on_batch(inputs)) - found[name]).max()
    return found


if __name__ == "__main__":
    keras.initializers.VarianceScaling.__call__ = unset
    keras.initializers.RandomNormal.__call__ = unset
    np.savez(sys.argv[1], **run())
