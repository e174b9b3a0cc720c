"""What CLEANIR's two halves hold: how faithful the picture is, whom it shows, what attributes betray."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Unpack

import numpy as np

from lib.deidentify.cleanir.codec import CleanirCodec, Halves
from lib.deidentify.cleanir.identities import centred
from lib.deidentify.protections.identity_rotation import rotate_identity
from lib.faces.faceset import FaceSet
from lib.faces.grey import to_grey
from lib.judges.base import Judge
from lib.judges.recogniser_embeddings import unit_embeddings
from lib.measures.bootstrap_intervals import bootstrap_mean, bootstrap_proportion
from lib.measures.estimate import Estimate
from lib.measures.image_quality import mean_psnr, rmse
from lib.measures.resampling import BootstrapOptions
from lib.measures.verification import verify_embeddings

CLIP = 1e-6
"""Least probability of a pixel in the cross-entropy."""


@dataclass(frozen=True)
class ReadHalves:
    """What one trained CLEANIR does with faces that it has not learned from.

    Attributes
    ----------
    halves : of the faces.
    rebuilt : uint8 (N, H, W, 3), painted from both halves.
    swapped : the same with the identity of another subject's face, that of row `donor`.
    donor : (N,) int.
    cosines : of centred embeddings, (N,) each: `rebuilt` with the face itself, `swapped` likewise, `donor` of
        the swapped picture with the donor's face. NaN where no face was found.
    figures : `psnr` (dB), `reconstruction_excess_nats` (cross-entropy above the picture's own entropy, of an
        image), `cosine_distance` (of identity half and centred embedding, eq. 3), `identity_auc` and
        `attributes_auc` (two pictures of one subject against two of different ones, by the cosine of that
        half alone), `shows_donor` (share of swapped pictures that the recogniser finds nearer to the donor's
        photograph than to the one whose attributes were kept).
    """

    halves: Halves
    rebuilt: np.ndarray
    swapped: np.ndarray
    donor: np.ndarray
    cosines: Mapping[str, np.ndarray]
    figures: Mapping[str, Estimate]


def read_halves(
    codec: CleanirCodec,
    faces: FaceSet,
    recogniser: Judge,
    **draws: Unpack[BootstrapOptions],
) -> ReadHalves:
    """Let a codec take faces apart and put them together again, also with another subject's identity.

    Parameters
    ----------
    faces : in the codec's size, of two subjects or more.
    recogniser : whose embeddings the identity half follows; measures the swapped faces too.
    draws : of the intervals over subjects; their seed is also that of the donors and of the pairs.

    Raises
    ------
    JudgeError : the recogniser needs points that the faces lack.
    """
    halves, subjects = codec.encode(faces.images), faces.subjects
    rebuilt = codec.decode(halves.identity, halves.attributes)
    donor = donors(subjects, draws.get("seed", 0))
    swapped = codec.decode(halves.identity[donor], halves.attributes)
    mean = codec.identities.mean
    known, again, shown = (
        embedded(recogniser, images, faces.points, mean) for images in (faces.images, rebuilt, swapped)
    )
    cosines = {
        "rebuilt": np.sum(again * known, axis=1),
        "swapped": np.sum(shown * known, axis=1),
        "donor": np.sum(shown * known[donor], axis=1),
    }
    nearer = cosines["donor"] > cosines["swapped"]
    swaps = np.isfinite(cosines["donor"] + cosines["swapped"])
    distance = 1 - np.sum(halves.identity * known, axis=1)
    found = np.isfinite(distance)
    figures = {
        "psnr": mean_psnr(rmse(faces.images, rebuilt), subjects, **draws),
        "reconstruction_excess_nats": bootstrap_mean(excess_nats(faces.images, rebuilt), subjects, **draws),
        "cosine_distance": bootstrap_mean(distance[found], subjects[found], **draws),
        "identity_auc": verify_embeddings(halves.identity, subjects, **draws).auc,
        "attributes_auc": verify_embeddings(halves.attributes, subjects, **draws).auc,
        "shows_donor": bootstrap_proportion(nearer[swaps], subjects[swaps], **draws),
    }
    return ReadHalves(halves, rebuilt, swapped, donor, cosines, figures)


def blended(
    codec: CleanirCodec, read: ReadHalves, rows: np.ndarray, shares: Sequence[float]
) -> list[np.ndarray]:
    """Faces on the way from their own identity to their donor's, uint8 (len(rows), H, W, 3) for each share.

    Parameters
    ----------
    shares : of the angle between both identities, 0 to 1.
    """
    own, other = read.halves.identity[rows], read.halves.identity[read.donor[rows]]
    angle = np.degrees(np.arccos(np.clip(np.sum(own * other, axis=1), -1, 1)))
    attributes = read.halves.attributes[rows]
    return [codec.decode(rotate_identity(own, other, share * angle), attributes) for share in shares]


def embedded(
    recogniser: Judge, images: np.ndarray, points: np.ndarray | None, mean: np.ndarray
) -> np.ndarray:
    """Centred embeddings of faces, float32 (N, D) of length 1; rows of NaN where no face was found.

    Parameters
    ----------
    images : uint8 (N, H, W, 3). points : (N, 5, 2), for a recogniser that needs them.
    mean : of `IdentityDistribution`.
    """
    return centred(unit_embeddings(recogniser, to_grey(images)[..., None], points), mean)


def donors(subjects: np.ndarray, seed: int) -> np.ndarray:
    """For each face the row of another subject's, (N,) int; ValueError where there is only one subject."""
    if len(np.unique(subjects)) < 2:
        raise ValueError("an identity can only be swapped between two subjects or more")
    rng, rows = np.random.default_rng(seed), np.arange(len(subjects))
    return np.array([rng.choice(rows[subjects != one]) for one in subjects])


def excess_nats(images: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Cross-entropy of pictures above that of the images with themselves, nats an image, (N,); never below 0.

    Parameters
    ----------
    images, others : uint8 (N, H, W, C).
    """
    target, said = (np.clip(one / 255.0, CLIP, 1 - CLIP).reshape(len(images), -1) for one in (images, others))
    terms = target * np.log(target / said) + (1 - target) * np.log((1 - target) / (1 - said))
    return np.asarray(terms.sum(axis=1))


def cosine_means(recogniser: Judge, faces: FaceSet, mean: np.ndarray) -> dict[str, float]:
    """Mean cosines of embeddings: `raw` and `centred` of strangers, `mated` of one subject's, centred.

    Parameters
    ----------
    mean : of `IdentityDistribution`.
    """
    raw = unit_embeddings(recogniser, to_grey(faces.images)[..., None], faces.points)
    found = np.isfinite(raw).all(axis=1)
    subjects = faces.subjects[found]
    same = subjects[:, None] == subjects
    pairs = np.triu(np.ones_like(same), 1).astype(bool)
    told = {"raw": raw[found], "centred": centred(raw[found], mean)}
    cosines = {name: rows @ rows.T for name, rows in told.items()}
    means = {name: float(one[pairs & ~same].mean()) for name, one in cosines.items()}
    return means | {"mated": float(cosines["centred"][pairs & same].mean())}
