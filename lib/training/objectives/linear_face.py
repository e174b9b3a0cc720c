"""Linear face of a generator, solved by ridge regression instead of trained."""

from __future__ import annotations

import keras
import numpy as np
from sklearn.linear_model import Ridge

from lib.faces.grey import unit_grey
from lib.networks.face_decoder import LINEAR

RIDGE = 0.03
"""Of the linear face, per image; the numbers that it is told have variance 1."""
_TONES = (0.02, 0.98)  # black and white have no logit


def solve_linear_face(generator: keras.Model, told: np.ndarray, pictures: np.ndarray) -> None:
    """Set the generator's linear face by ridge regression of the pictures' logits on what it is told.

    Parameters
    ----------
    generator : of `networks.face_decoder`, with a linear face.
    told : float32 (N, D + n), code and nuisance numbers of the photographs to learn from, side by side.
    pictures : uint8 (N, size, size, 1 or 3).
    """
    height, width = generator.output_shape[1:3]
    tones = np.clip(unit_grey(pictures).reshape(len(told), height * width), *_TONES)
    solved = Ridge(alpha=RIDGE * len(told)).fit(told, np.log(tones / (1 - tones)))
    generator.get_layer(LINEAR).set_weights([solved.coef_.T, solved.intercept_])
