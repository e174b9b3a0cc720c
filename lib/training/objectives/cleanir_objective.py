"""Training of CLEANIR: a face from its latent vector, whose first half follows the embedding of a recogniser.

Losses (1) to (4) of Cho, Lee and Suh (2020), each as a mean over images. The paper does not print the weights
of eq. (4); those of the authors' code are .3, .7 and 1000, but there reconstruction and embedding are summed
over the batch of 32 while the divergence is averaged, which per image is 1 : .073 : 3333.

Further terms are ours. Nothing in the source asks that a picture painted from another identity *shows*
another person, nor that either half be silent about what the other one holds. `shared` paints each face with
the mean embedding of the *other* pictures of its subject: what differs between a subject's pictures can then
come from the attributes' half alone. `recognised` paints it with the identity of another picture of the batch
and asks a frozen matcher for the identity that was given; `kept` encodes that painting again and asks for the
attributes that it was painted with. `leak` lets an adversary guess the identity from the attributes' half;
its gradient is turned round on its way into the encoder. `features` compares inner maps of the matcher:
pixels alone ask for a blurred face.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import keras
import numpy as np
from keras import ops

from lib.faces.faceset import FaceSet
from lib.networks.cleanir_losses import (
    cosine_distance,
    grey_of,
    kl_divergence,
    reverse_gradient,
)
from lib.networks.san_losses import CLIP, pixel_loss
from lib.training.data.augmentations import RandomFlip
from lib.training.data.feed import Feed
from lib.training.loop.history import History
from lib.training.objectives.generator_losses import Matcher, feature_differences
from lib.training.objectives.jitter import jitter
from lib.training.objectives.weighted import Phase, WeightedObjective, fit_phases
from lib.training.training_plan import TrainingPlan

SOURCE_VALUES = 64 * 64 * 3
"""Values of a picture of the source; weights of terms that are no sum over values grow with their number."""

SMALL = 1e-3
"""Added to the variance of a number of the attributes' half, which may be 0."""

Reconstruction = Literal["full", "half"]


@dataclass(frozen=True)
class CleanirWeights:
    """Weights of the terms of eq. (4), per image.

    Attributes
    ----------
    reconstruction : cross-entropy of the picture, nats, summed over its values.
    divergence : of the latent distribution from the standard normal one, nats.
    identity : 1 - cos of the identity half and the recogniser's embedding.
    shared : the cross-entropy again, of the picture painted from its attributes' half and the mean embedding
        of the subject's other pictures; with a weight, the decoder gets no other identity in training.
    recognised : 1 - cos of what the matcher reads from a face painted with another one's identity, and its
        embedding of the picture whose identity was given.
    kept : squared difference of the attributes' half and that of the face painted with another one's identity
        and encoded again, by each number's variance over the batch; 2 if they have nothing in common.
    leak : 1 - cos of the embedding and an adversary's guess of it, made from the attributes' half.
    features : difference of the matcher's inner maps of picture and face, see `feature_differences`.
    """

    reconstruction: float = 1.0
    divergence: float = 0.073
    identity: float = 3333.0
    shared: float = 0.0
    recognised: float = 0.0
    kept: float = 0.0
    leak: float = 0.0
    features: float = 0.0

    @classmethod
    def of_source(cls, size: int) -> CleanirWeights:
        """The weights of the authors' code, for pictures of size x size x 3 values."""
        share = size * size * 3 / SOURCE_VALUES
        return cls(divergence=0.073 * share, identity=3333.0 * share)


def phases_of(settings: Sequence[Mapping[str, Any]], batch: int, seed: int) -> list[Phase[CleanirWeights]]:
    """Phases as parameters name them.

    Parameters
    ----------
    settings : for each phase `epochs`, `learning_rate`, and weights of terms by name; those of eq. (4) that
        are not named are the source's, and what is ours is 0. A phase may name a `batch` of its own.
    batch, seed : of every phase.

    Raises
    ------
    TypeError : an unknown name.
    """
    phases = []
    for one in settings:
        told = dict(one)
        epochs, rate = told.pop("epochs"), told.pop("learning_rate")
        plan = TrainingPlan(epochs, int(told.pop("batch", batch)), rate, seed)
        phases.append(Phase(plan, CleanirWeights(**{name: float(value) for name, value in told.items()})))
    return phases


class Cleanir(WeightedObjective):
    """Encoder and decoder with their losses; in training the latent vector is drawn, else it is the mean.

    Parameters
    ----------
    encoder, decoder : of `networks.cleanir`, of equal halves.
    reconstruction : `full`, the whole cross-entropy; `half`, eq. (1) as printed, which a white picture
        minimises: kept to show it.
    matcher : reads grey pictures, for the term `recognised`; frozen. None: without that term.
    features : gives its inner maps, for the term of that name; frozen. None: without it.
    seed : of the draws.

    Raises
    ------
    ValueError : the halves of encoder and decoder differ, or no such reconstruction.
    """

    def __init__(
        self,
        encoder: keras.Model,
        decoder: keras.Model,
        *,
        reconstruction: Reconstruction = "full",
        matcher: Matcher | None = None,
        features: keras.Model | None = None,
        seed: int = 0,
    ) -> None:
        super().__init__(CleanirWeights(), name="cleanir")
        if reconstruction not in ("full", "half"):
            raise ValueError(f"reconstruction must be full or half, not {reconstruction!r}")
        self.encoder, self.decoder, self.reconstruction = encoder, decoder, reconstruction
        self.identity, attributes = (decoder.input[name].shape[1] for name in ("identity", "attributes"))
        latent = encoder.output["mean"].shape[1]
        if latent != self.identity + attributes:
            halves = f"{self.identity} and {attributes}"
            raise ValueError(f"the encoder gives {latent} numbers, the decoder takes {halves}")
        self.random = keras.random.SeedGenerator(seed)
        self.matcher, self.features = matcher, features
        for frozen in (matcher, features):
            if isinstance(frozen, keras.Model):
                frozen.trainable = False
        self.adversary, self.jitter = _adversary(attributes, self.identity), jitter(seed + 1)

    def build(self, input_shape: Any = None) -> None:
        """All variables exist from the start."""

    def call(self, inputs: Mapping[str, Any], training: bool | None = None) -> dict[str, Any]:
        """`face` (B, H, W, 3) in [0, 1], the encoder's outputs, both halves as drawn, identity `given`."""
        told = dict(self.encoder(inputs["image"], training=training))
        latent = told["mean"]
        if training and "log_variance" in told:
            noise = keras.random.normal(ops.shape(latent), seed=self.random)
            latent = latent + ops.exp(told["log_variance"] / 2) * noise
        identity, attributes = latent[:, : self.identity], latent[:, self.identity :]
        given = inputs["others"] if training and self.weights_of_terms.shared else identity
        face = self.decoder({"identity": given, "attributes": attributes}, training=training)
        return {**told, "identity": identity, "attributes": attributes, "given": given, "face": face}

    def term_values(self, inputs: Mapping[str, Any], outputs: Any, training: bool = False) -> dict[str, Any]:
        """Mean of each term over the batch, scalars float32.

        Parameters
        ----------
        inputs : `image` (B, H, W, 3) in [0, 1], `embedding` (B, D) and, for the term `shared`, `others`
            (B, D), the mean one of the subject's other pictures; for `recognised` `matched` (B, E), the
            matcher's embedding of the image.
        outputs : as `call` gives them. In training `reconstruction` is that of what was painted, even where
            only `shared` has a weight.
        """
        weights = self.weights_of_terms
        spread = outputs.get("log_variance")
        divergence = ops.zeros(()) if spread is None else ops.mean(kl_divergence(outputs["mean"], spread))
        loss = pixel_loss if self.reconstruction == "full" else _half_loss
        painted, absent = ops.mean(loss(inputs["image"], outputs["face"], "sum")), ops.zeros(())
        swaps = weights.recognised or weights.kept
        other = self._swapped(outputs, training) if swaps else None
        return {
            "reconstruction": painted,
            "divergence": divergence,
            "identity": ops.mean(cosine_distance(inputs["embedding"], outputs["identity"])),
            "shared": painted if weights.shared and training else absent,
            "recognised": self._recognised(inputs, other, training) if weights.recognised else absent,
            "kept": self._kept(outputs, other) if weights.kept else absent,
            "leak": self._leak(inputs, outputs, training) if weights.leak else absent,
            "features": self._features(inputs, outputs, training) if weights.features else absent,
        }

    def _swapped(self, outputs: Any, training: bool) -> Any:
        """The first half of the batch with the identities of the pictures before them; half costs half."""
        given, attributes = _some(ops.roll(outputs["given"], 1, axis=0)), _some(outputs["attributes"])
        return self.decoder({"identity": given, "attributes": attributes}, training=training)

    def _recognised(self, inputs: Mapping[str, Any], other: Any, training: bool) -> Any:
        if self.matcher is None:
            raise ValueError("the term `recognised` needs a matcher")
        shown = self.jitter(_seen(other), training=training)
        known = isinstance(self.matcher, keras.Model)
        read = self.matcher(shown, training=False) if known else self.matcher(shown)  # type: ignore[call-arg]
        return ops.mean(cosine_distance(_some(ops.roll(inputs["matched"], 1, axis=0)), read))

    def _kept(self, outputs: Any, other: Any) -> Any:
        """The encoder reads the swapped face as it will after training, with its running statistics."""
        wanted = ops.stop_gradient(outputs["mean"][:, self.identity :])
        found = self.encoder(other, training=False)["mean"][:, self.identity :]
        return ops.mean(ops.square(found - _some(wanted)) / (ops.var(wanted, axis=0) + SMALL))

    def _leak(self, inputs: Mapping[str, Any], outputs: Any, training: bool) -> Any:
        # The mean: noise would be a way to hide from it in training alone.
        attributes = outputs["mean"][:, self.identity :]
        guess = self.adversary(reverse_gradient(attributes), training=training)
        return ops.mean(cosine_distance(inputs["embedding"], guess))

    def _features(self, inputs: Mapping[str, Any], outputs: Any, training: bool) -> Any:
        if self.features is None:
            raise ValueError("the term `features` needs a matcher with inner maps")
        image, face = _seen(ops.cast(inputs["image"], "float32")), _seen(outputs["face"])
        both = self.jitter(ops.concatenate([image, face], axis=-1), training=training)  # alike for the two
        apart = feature_differences(self.features, both[..., :1], both[..., 1:])
        return sum(apart) / len(apart)


def _some(values: Any) -> Any:
    """The first half of a batch, at least one row."""
    return values[: (ops.shape(values)[0] + 1) // 2]


def _seen(pictures: Any) -> Any:
    """What the matcher sees of pictures (B, H, W, 3): grey, each pixel the mean of four.

    A pattern that changes from pixel to pixel convinces a network, and nobody else; so it is not shown one.
    """
    return ops.average_pool(grey_of(pictures), 2, strides=1, padding="same")


def _adversary(attributes: int, identity: int, units: int = 256) -> keras.Model:
    """Guesses an embedding (B, identity) from the attributes' half (B, attributes).

    It sees each number in units of its own spread: else the encoder hides what it knows in small ones.
    """
    told = keras.Input((attributes,), name="attributes")
    spread = keras.layers.BatchNormalization(center=False, scale=False, dtype="float32")(told)
    hidden = keras.layers.LeakyReLU(0.2)(keras.layers.Dense(units, dtype="float32")(spread))
    hidden = keras.layers.LeakyReLU(0.2)(keras.layers.Dense(units, dtype="float32")(hidden))
    guess = keras.layers.Dense(identity, dtype="float32", name="guess")(hidden)
    return keras.Model(told, guess, name="adversary")


def _half_loss(image: Any, face: Any, _reduction: str) -> Any:
    """Eq. (1) as printed, - sum of I log I^r, of each image, (B,)."""
    flat = [ops.reshape(ops.cast(one, "float32"), (ops.shape(one)[0], -1)) for one in (image, face)]
    return -ops.sum(flat[0] * ops.log(ops.clip(flat[1], CLIP, 1 - CLIP)), axis=1)


def fit_cleanir(
    network: Cleanir,
    faces: FaceSet,
    rows: np.ndarray,
    validation: np.ndarray,
    embeddings: np.ndarray,
    phases: Sequence[Phase[CleanirWeights]],
    resume_folder: str | Path | None,
    *,
    matched: np.ndarray | None = None,
    name: str = "cleanir",
) -> list[History]:
    """Train phase by phase; a restarted training goes on from the last finished epoch.

    Parameters
    ----------
    faces : colour pictures in the size of the network.
    rows, validation : to train with; of other subjects.
    embeddings : float32 (N, D) for all rows of `faces`, that the identity half follows; rows that are not
        used may be NaN.
    phases : plans and weights; the source has one.
    matched : float32 (N, E) likewise, of the network's matcher; None: it takes no part.
    resume_folder : keeps what finished phases reached until the last one is done: clear it afterwards.

    Returns
    -------
    One History per phase: `loss` and the terms, each with `val_`.

    Raises
    ------
    ValueError : a subject is in training and in validation, or embeddings are missing, not finite, or not as
        long as the identity half.
    """
    used = np.concatenate([rows, validation])
    known = _checked(embeddings, faces, used, network.identity)
    values = {"embedding": known, "others": mean_of_others(known, faces.subjects, used)}
    if matched is not None:
        values["matched"] = _checked(matched, faces, used, matched.shape[-1])
    people = faces.labels["subject"].astype(str).to_numpy()
    both = set(people[rows]) & set(people[validation])
    if both:
        raise ValueError(f"{faces.name}: {len(both)} subjects are in training and in validation")

    def feed(plan: TrainingPlan, some: np.ndarray, learning: bool) -> Feed:
        return Feed.from_faces(
            faces,
            rows=some,
            labels=(),
            inputs=("image", *values),
            values=values,
            augment=(RandomFlip(),) if learning else (),
            shuffle=learning,
            batch=plan.batch,
            seed=plan.seed,
            scale=True,
        )

    def feeds(plan: TrainingPlan) -> tuple[Feed, Feed]:
        return feed(plan, rows, True), feed(plan, validation, False)

    identity = {"reconstruction": network.reconstruction}
    return fit_phases(network, phases, feeds, resume_folder, identity=identity, name=name)


def mean_of_others(embeddings: np.ndarray, subjects: np.ndarray, used: np.ndarray) -> np.ndarray:
    """Mean embedding of the other pictures of each picture's subject, float32 (N, D) of length 1.

    Parameters
    ----------
    embeddings : (N, D). subjects : (N,).
    used : rows that count; other rows are 0. A subject's only picture stands for itself.
    """
    found, whole = np.asarray(embeddings[used], np.float64), np.zeros(embeddings.shape, np.float32)
    _, person = np.unique(subjects[used], return_inverse=True)
    sums = np.zeros((person.max() + 1, found.shape[1]))
    np.add.at(sums, person, found)
    alone = np.bincount(person)[person] == 1
    rest = np.where(alone[:, None], found, sums[person] - found)
    whole[used] = rest / np.maximum(np.linalg.norm(rest, axis=1, keepdims=True), SMALL)
    return whole


def _checked(embeddings: np.ndarray, faces: FaceSet, used: np.ndarray, length: int) -> np.ndarray:
    """The embeddings, fit for a feed."""
    if embeddings.shape != (len(faces), length):
        raise ValueError(
            f"{faces.name}: the identity half needs embeddings ({len(faces)}, {length}), "
            f"not {embeddings.shape}"
        )
    if not np.isfinite(embeddings[used]).all():
        raise ValueError(f"{faces.name}: leave faces without an embedding out of the rows")
    return np.nan_to_num(np.asarray(embeddings, np.float32))
