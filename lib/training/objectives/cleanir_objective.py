"""Training of CLEANIR: a face from its latent vector, whose first half follows the embedding of a recogniser.

Losses (1) to (4) of Cho, Lee and Suh (2020), each as a mean over images. The paper does not print the weights of
eq. (4); those of the authors' code are .3, .7 and 1000, but there reconstruction and embedding are summed over
the batch of 32 while the divergence is averaged, which per image is 1 : .073 : 3333.
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
from lib.networks.cleanir_losses import cosine_distance, kl_divergence
from lib.networks.san_losses import CLIP, pixel_loss
from lib.training.data.augmentations import RandomFlip
from lib.training.data.feed import Feed
from lib.training.loop.history import History
from lib.training.objectives.weighted import Phase, WeightedObjective, fit_phases
from lib.training.training_plan import TrainingPlan

SOURCE_VALUES = 64 * 64 * 3
"""Values of a picture of the source; weights of terms that are no sum over values grow with their number."""

Reconstruction = Literal["full", "half"]


@dataclass(frozen=True)
class CleanirWeights:
    """Weights of the terms of eq. (4), per image.

    Attributes
    ----------
    reconstruction : cross-entropy of the picture, nats, summed over its values.
    divergence : of the latent distribution from the standard normal one, nats.
    identity : 1 - cos of the identity half and the recogniser's embedding.
    """

    reconstruction: float = 1.0
    divergence: float = 0.073
    identity: float = 3333.0

    @classmethod
    def of_source(cls, size: int) -> CleanirWeights:
        """The weights of the authors' code, for pictures of size x size x 3 values."""
        share = size * size * 3 / SOURCE_VALUES
        return cls(divergence=0.073 * share, identity=3333.0 * share)


class Cleanir(WeightedObjective):
    """Encoder and decoder with their losses; in training the latent vector is drawn, else it is the mean.

    Parameters
    ----------
    encoder, decoder : of `networks.cleanir`, of equal halves.
    reconstruction : `full`, the whole cross-entropy; `half`, eq. (1) as printed, which a white picture
        minimises: kept to show it.
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

    def build(self, input_shape: Any = None) -> None:
        """All variables exist from the start."""

    def call(self, inputs: Mapping[str, Any], training: bool | None = None) -> dict[str, Any]:
        """`face` (B, H, W, 3) in [0, 1], the encoder's outputs, and `identity` (B, D) as the decoder got it."""
        told = dict(self.encoder(inputs["image"], training=training))
        latent = told["mean"]
        if training and "log_variance" in told:
            noise = keras.random.normal(ops.shape(latent), seed=self.random)
            latent = latent + ops.exp(told["log_variance"] / 2) * noise
        halves = {"identity": latent[:, : self.identity], "attributes": latent[:, self.identity :]}
        face = self.decoder(halves, training=training)
        return {**told, "identity": halves["identity"], "face": face}

    def term_values(self, inputs: Mapping[str, Any], outputs: Any, training: bool = False) -> dict[str, Any]:
        """Mean of each term over the batch, scalars float32.

        Parameters
        ----------
        inputs : `image` (B, H, W, 3) in [0, 1] and `embedding` (B, D).
        outputs : as `call` gives them.
        """
        spread = outputs.get("log_variance")
        divergence = ops.zeros(()) if spread is None else ops.mean(kl_divergence(outputs["mean"], spread))
        loss = pixel_loss if self.reconstruction == "full" else _half_loss
        return {
            "reconstruction": ops.mean(loss(inputs["image"], outputs["face"], "sum")),
            "divergence": divergence,
            "identity": ops.mean(cosine_distance(inputs["embedding"], outputs["identity"])),
        }


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
    name: str = "cleanir",
) -> list[History]:
    """Train phase by phase; a restarted training goes on from the last finished epoch.

    Parameters
    ----------
    faces : colour pictures in the size of the network.
    rows, validation : to train with; of other subjects.
    embeddings : float32 (N, D) for all rows of `faces`, of the recogniser that the identity half follows; rows
        that are not used may be NaN.
    phases : plans and weights; the source has one.
    resume_folder : keeps what finished phases reached until the last one is done: clear it afterwards.

    Returns
    -------
    One History per phase: `loss` and the terms, each with `val_`.

    Raises
    ------
    ValueError : a subject is in training and in validation, or embeddings are missing, not finite, or not as
        long as the identity half.
    """
    values = {"embedding": _checked(embeddings, faces, np.concatenate([rows, validation]), network.identity)}
    people = faces.labels["subject"].astype(str).to_numpy()
    both = set(people[rows]) & set(people[validation])
    if both:
        raise ValueError(f"{faces.name}: {len(both)} subjects are in training and in validation")

    def feeds(plan: TrainingPlan) -> tuple[Feed, Feed]:
        shared = {"labels": (), "inputs": ("image", "embedding"), "values": values, "batch": plan.batch}
        shared |= {"seed": plan.seed, "scale": True}
        return (
            Feed.from_faces(faces, rows=rows, augment=(RandomFlip(),), **shared),
            Feed.from_faces(faces, rows=validation, shuffle=False, **shared),
        )

    identity = {"reconstruction": network.reconstruction}
    return fit_phases(network, phases, feeds, resume_folder, identity=identity, name=name)


def _checked(embeddings: np.ndarray, faces: FaceSet, used: np.ndarray, length: int) -> np.ndarray:
    """The embeddings, fit for a feed."""
    if embeddings.shape != (len(faces), length):
        raise ValueError(
            f"{faces.name}: the identity half needs embeddings ({len(faces)}, {length}), not {embeddings.shape}"
        )
    if not np.isfinite(embeddings[used]).all():
        raise ValueError(f"{faces.name}: leave faces without an embedding out of the rows")
    return np.nan_to_num(np.asarray(embeddings, np.float32))
