"""What networks say of pictures: outputs of classifiers and matchers, pictures of autoencoders."""

from __future__ import annotations

import keras
import numpy as np

from lib.faces.grey import unit_grey
from lib.networks.predict import predict

BATCH = 64
"""Images per batch."""


def predict_images(network: keras.Model, images: np.ndarray, batch: int = BATCH) -> np.ndarray:
    """Outputs of a network of grey images in inference mode, float32 (N, ...).

    Parameters
    ----------
    network : from (B, H, W, 1) in [0, 1].
    images : uint8 (N, H, W, 3) or grey (N, H, W, 1); may be a memory map.

    Returns
    -------
    float32 (N, ...); (N,) where the network gives one number.
    """
    parts = []
    for start in range(0, len(images), batch):
        grey = unit_grey(images[start : start + batch])
        parts.append(predict(network, grey))
    out = np.concatenate(parts).astype(np.float32)
    return out[:, 0] if out.ndim == 2 and out.shape[1] == 1 else out


def reconstruct(
    autoencoder: keras.Model, images: np.ndarray, label: np.ndarray, batch: int = BATCH
) -> dict[str, np.ndarray]:
    """Outputs of an autoencoder as uint8 images by output name (`sm`, `nt`, `op`).

    Parameters
    ----------
    autoencoder : from {`image`, `label`} to {`sm`, `nt`, `op`}, or some of these.
    images : uint8 (N, H, W, 3) or grey (N, H, W, 1).
    label : (N,), male 1; true or predicted.

    Returns
    -------
    uint8 (N, H, W) by name.
    """
    found: dict[str, list[np.ndarray]] = {}
    for start in range(0, len(images), batch):
        some = slice(start, start + batch)
        inputs = {"image": unit_grey(images[some]), "label": np.asarray(label[some], np.float32)}
        for name, value in predict(autoencoder, inputs).items():
            eight = np.rint(np.clip(value[..., 0], 0, 1) * 255)
            found.setdefault(name, []).append(eight.astype(np.uint8))
    return {name: np.concatenate(parts) for name, parts in found.items()}
