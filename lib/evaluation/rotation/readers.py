"""What recognisers, and the codec itself, read of a picture; all readings are compared by their cosine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import cv2
import keras
import numpy as np

from lib.deidentify.cleanir.codec import CleanirCodec
from lib.deidentify.cleanir.identities import centred
from lib.evaluation.rotation.views import ATTRIBUTES, CODEC
from lib.faces.grey import to_grey, unit_grey
from lib.judges.base import Judge
from lib.judges.dlib_recogniser import DlibRecogniser
from lib.judges.recogniser_embeddings import unit_embeddings
from lib.judges.result_keys import DLIB, HELD_OUT_MATCHER
from lib.networks.predict import predict

BATCH = 64
Reader = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""Pictures uint8 (N, H, W, 3) and their points (N, 5, 2) in, float32 (N, D) out, NaN where there is none."""


def readers(
    codec: CleanirCodec, held_out: keras.Model, attributes_mean: np.ndarray, recogniser: Judge | None = None
) -> dict[str, Reader]:
    """All readers by name.

    Parameters
    ----------
    codec : its identity half, and its attributes' half less their mean, are read from a picture as well.
    held_out : matcher of grey pictures that took part in no training.
    attributes_mean : (A,) over training subjects.
    recogniser : whose embeddings the identity half follows; dlib's by default, less the codec's mean.
    """
    return {
        DLIB: partial(_embedded, recogniser or DlibRecogniser(), codec.identities.mean),
        HELD_OUT_MATCHER: partial(_matched, held_out),
        CODEC: partial(_identity, codec),
        ATTRIBUTES: partial(_attributes, codec, attributes_mean),
    }


def read_all(
    by: Mapping[str, Reader], names: tuple[str, ...], pictures: np.ndarray, points: np.ndarray
) -> dict[str, np.ndarray]:
    """Some readers' readings of the same pictures."""
    return {name: by[name](pictures, points) for name in names}


def _embedded(recogniser: Judge, mean: np.ndarray, pictures: np.ndarray, points: np.ndarray) -> np.ndarray:
    """As the identity half was taught: of grey pictures, at length 1 before the mean is taken away."""
    found = unit_embeddings(recogniser, to_grey(pictures)[..., None], points)
    missing = np.full((len(pictures), len(mean)), np.nan)
    return centred(found if found.shape[1] == len(mean) else missing, mean)


def _matched(network: keras.Model, pictures: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Grey, enlarged to the side that the matcher knows."""
    height, width = network.input_shape[1:3]
    parts = []
    for start in range(0, len(pictures), BATCH):
        some = [
            cv2.resize(one, (width, height), interpolation=cv2.INTER_LINEAR)
            for one in pictures[start : start + BATCH]
        ]
        parts.append(predict(network, unit_grey(np.stack(some))))
    return np.concatenate(parts)


def _identity(codec: CleanirCodec, pictures: np.ndarray, points: np.ndarray) -> np.ndarray:
    return codec.encode(pictures).identity


def _attributes(
    codec: CleanirCodec, mean: np.ndarray, pictures: np.ndarray, points: np.ndarray
) -> np.ndarray:
    return np.asarray(codec.encode(pictures).attributes - mean, np.float32)
