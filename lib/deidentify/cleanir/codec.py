"""Trained CLEANIR as a codec: a face to its two halves, and back."""

from __future__ import annotations

from dataclasses import dataclass

import keras
import numpy as np

from lib.deidentify.cleanir.identities import IdentityDistribution
from lib.networks.predict import predict
from lib.training.store.model_store import ModelStore

BATCH = 64
"""Faces per batch."""
ENCODER, DECODER, IDENTITIES = "encoder", "decoder", "identities"
"""Ends of the names under which a store keeps both networks and the distribution of identities."""


@dataclass(frozen=True)
class Halves:
    """Latent vectors of N faces.

    Attributes
    ----------
    identity : float32 (N, D), of length 1.
    attributes : float32 (N, A).
    """

    identity: np.ndarray
    attributes: np.ndarray

    def __len__(self) -> int:
        """Number of faces."""
        return len(self.identity)

    def take(self, rows: np.ndarray) -> Halves:
        """Those of some faces."""
        return Halves(self.identity[rows], self.attributes[rows])


@dataclass(frozen=True)
class CleanirCodec:
    """Encoder and decoder of a trained CLEANIR; nothing is drawn at random, the latent vector is its mean.

    Attributes
    ----------
    encoder, decoder : of `networks.cleanir`, trained.
    identities : how identity halves of strangers are distributed.
    """

    encoder: keras.Model
    decoder: keras.Model
    identities: IdentityDistribution

    @classmethod
    def stored(cls, store: ModelStore, name: str) -> CleanirCodec:
        """Read what a training left.

        Parameters
        ----------
        name : of the training, as `CleanirTraining` kept it.

        Raises
        ------
        WeightsError : one of the files is missing or damaged.
        """
        known = IdentityDistribution.load(store.folder / f"{name}_{IDENTITIES}.npz")
        return cls(store.get(f"{name}_{ENCODER}"), store.get(f"{name}_{DECODER}"), known)

    @property
    def size(self) -> int:
        """Height and width of its faces, pixels."""
        return int(self.encoder.input_shape[1])

    @property
    def dimension(self) -> int:
        """Numbers of the identity half."""
        return int(self.decoder.input["identity"].shape[1])

    def encode(self, images: np.ndarray) -> Halves:
        """Both halves of faces.

        Parameters
        ----------
        images : uint8 (N, size, size, 3) RGB.
        """
        parts = [
            predict(self.encoder, images[start : start + BATCH].astype(np.float32) / np.float32(255))["mean"]
            for start in range(0, len(images), BATCH)
        ]
        latent = np.concatenate(parts) if parts else np.zeros((0, self.encoder.output["mean"].shape[1]))
        identity, attributes = latent[:, : self.dimension], latent[:, self.dimension :]
        length = np.linalg.norm(identity, axis=1, keepdims=True)
        unit = identity / np.maximum(length, np.finfo(np.float32).tiny)
        return Halves(unit.astype(np.float32), attributes.astype(np.float32))

    def decode(self, identity: np.ndarray, attributes: np.ndarray) -> np.ndarray:
        """Faces of an identity with attributes, uint8 (N, size, size, 3).

        Parameters
        ----------
        identity : (N, D), only its direction counts.
        attributes : (N, A).
        """
        parts = [np.zeros((0, self.size, self.size, 3), np.uint8)]
        for start in range(0, len(identity), BATCH):
            some = slice(start, start + BATCH)
            halves = {"identity": identity[some], "attributes": attributes[some]}
            told = {name: np.asarray(one, np.float32) for name, one in halves.items()}
            parts.append(np.rint(255 * np.clip(predict(self.decoder, told), 0, 1)).astype(np.uint8))
        return np.concatenate(parts)
