"""CLEANIR as protections: the identity half turned by an angle, or drawn anew; the attributes' half kept.

What is random must not depend on how a set is divided into batches: axes and new identities are drawn for
each picture, each subject or once for all, from a key and from the picture itself or the subject's name.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np

from lib.deidentify.cleanir.codec import CleanirCodec
from lib.deidentify.protections.base import Colour, ProtectionError
from lib.deidentify.protections.identity_rotation import random_axes, rotate_identity
from lib.faces.loading.align import Template
from lib.training.store.weights import weights_digest

Per = Literal["image", "subject", "all"]
"""What shares one draw: nothing, the pictures of a subject, or everything."""
ENTROPY = 16
"""Bytes of a hash that seed a generator."""


def key_hash(key: str) -> str:
    """What reports say of a key: enough to tell two keys apart, and nothing by which a long one is found."""
    return hashlib.sha256(f"key {key}".encode()).hexdigest()[:8]


@dataclass(frozen=True)
class Drawn:
    """What both protections share: a codec, and how their draws are keyed.

    Attributes
    ----------
    codec : a trained CLEANIR.
    per : what shares one draw; `subject` needs the label `subject`.
    key : secret; other keys give other draws. It stands in no name and no text of this object.
    template : of the faces' crop; None for the publisher's window.

    Raises
    ------
    ProtectionError : no such `per`.
    """

    codec: CleanirCodec
    per: Per = "image"
    key: str = field(default="", repr=False)
    template: Template | None = None
    colour: Colour = field(default="rgb", init=False)

    def __post_init__(self) -> None:
        self.check_per(self.per)

    @staticmethod
    def check_per(per: str) -> None:
        """Raise ProtectionError unless draws may be shared like this."""
        if per not in get_args(Per):
            raise ProtectionError(f"an axis may be drawn per image, subject or all, not per {per!r}")

    @property
    def name(self) -> str:
        """What it is, with all that changes its output."""
        raise NotImplementedError

    def __call__(self, faces: np.ndarray, **labels: np.ndarray) -> np.ndarray:
        """Repaint `faces`, uint8 (N, size, size, 3)."""
        raise NotImplementedError

    @property
    def size(self) -> tuple[int, int]:
        """Of the codec's faces."""
        return self.codec.size, self.codec.size

    @property
    def needs(self) -> tuple[str, ...]:
        """The subject, where its pictures share a draw."""
        return ("subject",) if self.per == "subject" else ()

    @property
    def mark(self) -> str:
        """What shares a draw, a hash of the key (never the key itself), and a hash of the weights."""
        weights = "".join(map(weights_digest, (self.codec.encoder, self.codec.decoder)))
        return f"per {self.per} {key_hash(self.key)} {hashlib.sha256(weights.encode()).hexdigest()[:12]}"

    def generators(self, faces: np.ndarray, **labels: np.ndarray) -> list[np.random.Generator]:
        """One source of draws for each face; faces that share a draw have equal ones.

        Parameters
        ----------
        faces : uint8 (N, H, W, 3).
        labels : `subject` (N,) where draws are per subject.
        """
        if self.per == "image":
            told = [hashlib.sha256(np.ascontiguousarray(one).tobytes()).hexdigest() for one in faces]
        else:
            told = [str(one) for one in labels["subject"]] if self.per == "subject" else [""] * len(faces)
        seeds = (hashlib.sha256(f"{self.per} {self.key} {one}".encode()).digest() for one in told)
        return [np.random.default_rng(int.from_bytes(seed[:ENTROPY], "big")) for seed in seeds]


@dataclass(frozen=True)
class RotatedIdentity(Drawn):
    """The identity half turned by an angle towards a random axis, eq. (5) and (6) of Cho et al. (2020).

    Attributes
    ----------
    angle : degrees; 0 gives the reconstruction, 180 the opposite identity, whatever the axis.
    """

    angle: float = 90.0

    @property
    def name(self) -> str:
        """With the angle."""
        return f"cleanir {self.angle:g} degrees {self.mark}"

    def axes(self, faces: np.ndarray, **labels: np.ndarray) -> np.ndarray:
        """The axis of each face, (N, D) float64 of length 1."""
        drawn = [random_axes(1, self.codec.dimension, one) for one in self.generators(faces, **labels)]
        return np.concatenate([np.zeros((0, self.codec.dimension)), *drawn])

    def __call__(self, faces: np.ndarray, **labels: np.ndarray) -> np.ndarray:
        """Repaint `faces`, uint8 (N, size, size, 3)."""
        halves = self.codec.encode(faces)
        turned = rotate_identity(halves.identity, self.axes(faces, **labels), self.angle)
        return self.codec.decode(turned, halves.attributes)


@dataclass(frozen=True)
class NewIdentity(Drawn):
    """The identity half replaced by that of nobody, drawn as strangers' identities are distributed.

    What comes out says nothing of the old identity half, whatever is known of the method; what the
    attributes' half says of the person stays.
    """

    @property
    def name(self) -> str:
        """With what shares a draw, key and weights."""
        return f"cleanir new identity {self.mark}"

    def identities(self, faces: np.ndarray, **labels: np.ndarray) -> np.ndarray:
        """The new identity of each face, (N, D) float64 of length 1."""
        drawn = [self.codec.identities.draw(1, one) for one in self.generators(faces, **labels)]
        return np.concatenate([np.zeros((0, self.codec.dimension)), *drawn])

    def __call__(self, faces: np.ndarray, **labels: np.ndarray) -> np.ndarray:
        """Repaint `faces`, uint8 (N, size, size, 3)."""
        attributes = self.codec.encode(faces).attributes
        return self.codec.decode(self.identities(faces, **labels), attributes)
