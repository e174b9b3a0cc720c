"""Treatments of the semi-adversarial chapters: before, reconstruction, SM, NT, OP and control.

`before` the grey picture; `reconstruction` the pre-trained autoencoder's, where SM, NT and OP are still one;
`sm`, `nt`, `op` of the trained one; `control` the picture blurred until it is as far from `before` as `op`.
"""

from __future__ import annotations

import keras
import numpy as np

from lib.deidentify.protections.matched_blur_control import control
from lib.faces.grey import to_grey
from lib.training.inference import reconstruct

TREATMENTS = ("before", "reconstruction", "sm", "nt", "op", "control")
"""In the order of tables and figures."""


def san_treatments(
    images: np.ndarray, label: np.ndarray, *, pretrained: keras.Model, san: keras.Model
) -> dict[str, np.ndarray]:
    """Make all treatments of the same images as uint8.

    Parameters
    ----------
    images : uint8 (N, H, W, 3) RGB or grey (N, H, W, 1).
    label : (N,) male 1; true, or predicted as a user must.
    pretrained, san : autoencoders from {`image`, `label`} that give at least `sm`, and `sm`, `nt`, `op`.

    Returns
    -------
    uint8 (N, H, W) by name of TREATMENTS.
    """
    before = to_grey(images)
    altered = reconstruct(san, images, label)
    plain = reconstruct(pretrained, images, label)["sm"]
    found = {"before": before, "reconstruction": plain, **altered, "control": control(before, altered["op"])}
    return {name: found[name] for name in TREATMENTS}


def op_as_told(
    san: keras.Model, images: np.ndarray, op: np.ndarray, label: np.ndarray, told: np.ndarray
) -> np.ndarray:
    """OP pictures of a network that is told `told` instead of `label`; only where they differ it paints anew.

    Parameters
    ----------
    san : autoencoder from {`image`, `label`} that gives at least `op`.
    images : uint8 (N, H, W, 3) RGB or grey (N, H, W, 1).
    op : uint8 (N, H, W), its pictures for `label`.
    label, told : (N,), male 1.

    Returns
    -------
    uint8 (N, H, W).
    """
    found = op.copy()
    other = np.flatnonzero(np.asarray(told, bool) != np.asarray(label, bool))
    if len(other):
        found[other] = reconstruct(san, images[other], told[other])["op"]
    return found
