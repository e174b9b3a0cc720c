"""What a network paints that is told another label."""

from __future__ import annotations

import numpy as np

from lib.evaluation.san.treatments import op_as_told
from lib.training.inference import reconstruct
from tests.exact import exactly


class Painter:
    """Stands for an autoencoder: paints the label that it is told, and counts the pictures."""

    jit_compile = False

    def __init__(self) -> None:
        self.painted = 0

    def predict_on_batch(self, inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        self.painted += len(inputs["image"])
        return {"op": inputs["image"] * 0 + inputs["label"][:, None, None, None] * 0.5}


def test_only_pictures_with_another_label_are_painted_anew():
    images = np.random.default_rng(0).integers(0, 256, (5, 4, 4, 3), np.uint8)
    label = np.array([True, False, True, False, True])
    told = np.array([True, True, False, False, True])
    op = reconstruct(Painter(), images, label)["op"]
    painter = Painter()
    found = op_as_told(painter, images, op, label, told)
    assert painter.painted == 2
    assert exactly(
        found, reconstruct(Painter(), images, told)["op"], because="pictures in 8 bits by the same steps"
    )
    assert (found != op).any(axis=(1, 2)).tolist() == [False, True, True, False, False]
    assert exactly(op_as_told(painter, images, op, label, label), op, because="pictures are copied")
    assert painter.painted == 2
