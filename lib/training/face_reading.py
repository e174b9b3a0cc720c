"""Training of a face reader: it learns expression, attributes and numbers at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import keras
import numpy as np

from lib.faces.faceset import FaceSet
from lib.faces.read_labels import ReadLabels
from lib.networks.face_reader import ATTRIBUTES, EXPRESSION, NUMBERS
from lib.training.data.augmentations import RandomFlip
from lib.training.data.feed import Augmentation, Batch, column
from lib.training.loop.best_epoch import EpochSelection
from lib.training.loop.checkpoint import CheckpointOptions
from lib.training.loop.device import use_xla
from lib.training.loop.fit import fit
from lib.training.loop.history import History
from lib.training.recipes import STRONG_AUGMENTATION, make_feeds
from lib.training.training_plan import TrainingPlan

WEIGHTS = {EXPRESSION: 1.0, ATTRIBUTES: 4.0, NUMBERS: 0.5}
"""Of the loss: nats of the class, mean nats of an attribute, mean squared error in standard deviations."""


@dataclass(frozen=True)
class MirroredNumbers:
    """`RandomFlip` for scaled numbers: in a mirrored picture turns to the side change their sign.

    Attributes
    ----------
    shift, sign : (K,) mean over standard deviation of each number, and its factor when mirrored.
    """

    shift: tuple[float, ...]
    sign: tuple[float, ...]

    def __call__(self, batch: Batch, random: np.random.Generator) -> Batch:
        """Mirror a random half of the pictures, with their numbers."""
        flip = RandomFlip(signed=("flipped",))
        marked = {**batch.values, "flipped": np.ones(len(batch.rows), np.float32)}
        out = flip(Batch(batch.pictures, marked, batch.rows), random)
        values = dict(out.values)
        some = values.pop("flipped") < 0
        if NUMBERS in values:
            shift, sign = (np.array(one, np.float32) for one in (self.shift, self.sign))
            mirrored = (values[NUMBERS] + shift) * sign - shift
            values[NUMBERS] = np.where(some[:, None], mirrored, values[NUMBERS])
        return Batch(out.pictures, values, batch.rows)


def head_targets(faces: FaceSet, labels: ReadLabels) -> dict[str, np.ndarray]:
    """Head -> what it should say of every row: classes int32 (N,), 0 or 1 (N, A), scaled numbers (N, K)."""
    found = {EXPRESSION: column(faces, EXPRESSION)} if labels.expression else {}
    if labels.attributes:
        found[ATTRIBUTES] = np.stack([column(faces, name) for name in labels.attributes], axis=1)
    if labels.numbers:
        scaled = [(column(faces, name) - mean) / sd for name, (mean, sd) in labels.numbers.items()]
        found[NUMBERS] = np.stack(scaled, axis=1).astype(np.float32)
    return found


def fit_face_reader(
    reader: keras.Model,
    faces: FaceSet,
    rows: np.ndarray,
    validation: np.ndarray,
    labels: ReadLabels,
    plan: TrainingPlan,
    resume_folder: str | Path | None,
    *,
    name: str = "face_reader",
    augment: Sequence[Augmentation] = STRONG_AUGMENTATION[1:],
) -> History:
    """Train a reader on all labels at once; keep the epoch with the lowest loss on other subjects.

    Parameters
    ----------
    reader : of `networks.face_reader`, with the heads of `labels.settings()`.
    rows, validation : to train with; of other subjects.
    augment : of the training pictures, after mirroring.

    Returns
    -------
    History with `loss` and the terms, and the same with `val_`.
    """
    targets = head_targets(faces, labels)
    names = {"inputs": "image", "targets": tuple(targets)}
    scales = list(labels.numbers.values())
    mirrored = MirroredNumbers(tuple(mean / sd for mean, sd in scales), labels.mirrored())
    feeds = make_feeds(faces, rows, validation, plan, names, values=targets, augment=(mirrored, *augment))
    losses = {
        EXPRESSION: keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        ATTRIBUTES: keras.losses.BinaryCrossentropy(from_logits=True),
        NUMBERS: keras.losses.MeanSquaredError(),
    }
    reader.compile(
        plan.optimizer(len(feeds[0])),
        loss={head: losses[head] for head in targets},
        loss_weights={head: WEIGHTS[head] for head in targets},
        jit_compile=use_xla(),
    )
    return fit(
        reader,
        *feeds,
        epochs=plan.epochs,
        checkpoint=CheckpointOptions(resume_folder, {"recipe": name, "plan": asdict(plan)}, remove=False),
        selection=EpochSelection("best", "val_loss", plan.patience),
        name=name,
    )
