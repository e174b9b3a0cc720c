"""Training recipes of autoencoder, classifiers and matchers: loss, augmentation, batches, epoch kept.

One recipe for judges, rivals and attackers alike, so that they differ in subjects and pictures and in nothing
else. All take a FaceSet, rows to train with and rows of other subjects to validate with, look at grey
pictures in [0, 1], and return the History of `fit`. Their resume folder keeps what they reached: clear it
when all that was trained is safe.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import keras
import numpy as np

from lib.faces.faceset import FaceSet
from lib.faces.grey import unit_grey
from lib.networks.matcher import with_head
from lib.networks.san_losses import pixel_floor, pixel_loss
from lib.training.data.augmentations import (
    RandomAffine,
    RandomBrightnessContrast,
    RandomDownscale,
    RandomFlip,
    ToGrey,
)
from lib.training.data.feed import Augmentation, Feed, column
from lib.training.loop.best_epoch import EpochSelection, Keep
from lib.training.loop.checkpoint import CheckpointOptions
from lib.training.loop.device import use_xla
from lib.training.loop.fit import fit
from lib.training.loop.guards import NO_GUARDS, Guards, LossBounds, loss_bounds
from lib.training.loop.history import History
from lib.training.training_plan import TrainingPlan

STRONG_AUGMENTATION: Sequence[Augmentation] = (
    RandomFlip(),
    RandomAffine(),
    RandomBrightnessContrast(),
    RandomDownscale(),
)
"""Augmentation of classifiers and matchers; without it they memorise their few training images."""

FLIP_ONLY: Sequence[Augmentation] = (RandomFlip(),)
"""Weak augmentation, better where there are only a few epochs."""


def fit_autoencoder(
    autoencoder: keras.Model,
    faces: FaceSet,
    rows: np.ndarray,
    validation: np.ndarray,
    plan: TrainingPlan,
    resume_folder: str | Path | None,
    *,
    name: str = "autoencoder",
) -> History:
    """Pre-train an autoencoder with the cross-entropy per pixel (eq. 2): it learns to return its input.

    Parameters
    ----------
    autoencoder : from {`image`, `label`} to {`sm`}, as `SanAutoencoder(outputs=("sm",))`.
    faces : with `Male` known in all rows.
    rows, validation : to train with; of other subjects.

    Returns
    -------
    History with `loss`, `val_loss` in nats a pixel; their floor is the pictures' own entropy.
    """
    inputs = {
        "image": keras.Input((*faces.images.shape[1:3], 1), name="image"),
        "label": keras.Input((), name="label"),
    }
    whole = keras.Model(inputs, autoencoder(inputs)["sm"], name=f"{name}_training")
    names = {"labels": ("Male",), "inputs": ("image", "label"), "targets": "image"}
    feed, check = make_feeds(faces, rows, validation, plan, names, values={"label": column(faces, "Male")})
    whole.compile(plan.optimizer(len(feed)), loss=pixel_loss, jit_compile=use_xla())
    return _fit(whole, feed, check, plan, resume_folder, name, guards=Guards(_pixel_bounds(faces, rows)))


def fit_classifier(
    classifier: keras.Model,
    faces: FaceSet,
    rows: np.ndarray,
    validation: np.ndarray,
    plan: TrainingPlan,
    resume_folder: str | Path | None,
    *,
    name: str = "classifier",
    augment: Sequence[Augmentation] = STRONG_AUGMENTATION,
    monitor: str = "val_loss",
    attribute: str = "Male",
) -> History:
    """Train a classifier of a binary attribute with cross-entropy from its logit; keep the best epoch.

    Parameters
    ----------
    classifier : from a grey picture to the logit of the attribute.
    rows, validation : with `attribute` known; of other subjects.
    augment : of the training pictures: STRONG_AUGMENTATION, or FLIP_ONLY where epochs are few.
    monitor : by which the best epoch is known, see `EpochSelection`. Where only the order of the answers
        counts, and not their border, `-val_auc`: batch normalisation of few steps shifts all answers, and
        the loss with them.

    Returns
    -------
    History with `loss`, `accuracy`, `auc` and the same with `val_`; keeps the best epoch.
    """
    names = {"labels": (attribute,), "inputs": "image", "targets": attribute}
    feed, check = make_feeds(faces, rows, validation, plan, names, augment=augment)
    metrics = [
        keras.metrics.BinaryAccuracy(threshold=0.0, name="accuracy"),
        keras.metrics.AUC(from_logits=True, name="auc"),
    ]
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    classifier.compile(plan.optimizer(len(feed)), loss=loss, metrics=metrics, jit_compile=use_xla())
    return _fit(classifier, feed, check, plan, resume_folder, name, keep="best", monitor=monitor)


def fit_matcher(
    matcher: keras.Model,
    faces: FaceSet,
    rows: np.ndarray,
    plan: TrainingPlan,
    resume_folder: str | Path | None,
    *,
    name: str = "matcher",
    augment: Sequence[Augmentation] = (RandomFlip(),),
) -> History:
    """Train a matcher with margin softmax over the training subjects, each drawn equally often.

    There is no validation loss: other subjects have no place in the softmax. Judge it by pairs.

    Parameters
    ----------
    matcher : from a grey picture to an embedding; its head is made here and dropped.
    rows : images of two or more subjects.

    Raises
    ------
    ValueError : one subject only.
    """
    people, number = np.unique(faces.labels["subject"].astype(str).to_numpy()[rows], return_inverse=True)
    if len(people) < 2:
        raise ValueError(f"{faces.name}: a matcher needs two subjects or more, the rows have {len(people)}")
    subject = np.zeros(len(faces), np.int32)
    subject[rows] = number
    whole = with_head(matcher, len(people))
    feed = Feed.from_faces(
        faces,
        rows=rows,
        values={"subject": subject},
        inputs=("image", "subject"),
        targets="subject",
        balance="subject",
        augment=(*augment, ToGrey()),
        batch=plan.batch,
        seed=plan.seed,
        scale=True,
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    right = keras.metrics.SparseCategoricalAccuracy(name="accuracy")
    whole.compile(plan.optimizer(len(feed)), loss=loss, metrics=[right], jit_compile=use_xla())
    return _fit(whole, feed, None, plan, resume_folder, name)


def make_feeds(
    faces: FaceSet,
    rows: np.ndarray,
    validation: np.ndarray,
    plan: TrainingPlan,
    names: Mapping[str, Any],
    *,
    values: Mapping[str, np.ndarray] | None = None,
    augment: Sequence[Augmentation] = (),
) -> tuple[Feed, Feed]:
    """Feeds for training (augmented, shuffled) and for validation (neither).

    Parameters
    ----------
    names : `labels`, `inputs`, `targets` of `Feed.from_faces`.
    values, augment : of the feed; pictures become grey at the end.

    Raises
    ------
    ValueError : a subject is in both.
    """
    shared = {**names, "values": values, "batch": plan.batch, "seed": plan.seed, "scale": True}
    people = faces.labels["subject"].astype(str).to_numpy()
    both = set(people[rows]) & set(people[validation])
    if both:
        raise ValueError(f"{faces.name}: {len(both)} subjects are in training and in validation")
    return (
        Feed.from_faces(faces, rows=rows, augment=(*augment, ToGrey()), **shared),
        Feed.from_faces(faces, rows=validation, augment=(ToGrey(),), shuffle=False, **shared),
    )


def _pixel_bounds(faces: FaceSet, rows: np.ndarray, most: int = 512) -> dict[str, LossBounds]:
    """Bounds of the pixel loss from an evenly spaced sample of the images."""
    some = np.asarray(rows)[:: -(-len(rows) // most)]
    pictures = unit_grey(faces.images[some])
    floor = float(np.mean(keras.ops.convert_to_numpy(pixel_floor(pictures))))
    return {"loss": loss_bounds(pixel_loss, pictures, floor=floor)}


def _fit(
    model: keras.Model,
    feed: Feed,
    check: Feed | None,
    plan: TrainingPlan,
    resume_folder: str | Path | None,
    name: str,
    *,
    keep: Keep = "last",
    monitor: str = "val_loss",
    guards: Guards = NO_GUARDS,
) -> History:
    identity = {"recipe": name, "plan": asdict(plan)}
    return fit(
        model,
        feed,
        check,
        epochs=plan.epochs,
        # Not removed: a restarted chapter does not repeat its finished trainings.
        checkpoint=CheckpointOptions(resume_folder, identity, remove=False),
        selection=EpochSelection(keep, monitor, plan.patience),
        guards=guards,
        name=name,
    )
