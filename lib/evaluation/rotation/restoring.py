"""The attackers' restorer: trained on repainted pictures of their own subjects, of every angle at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import keras
import numpy as np

from lib.evaluation.rotation.painter import Painter, Photos
from lib.evaluation.rotation.rivals import RIVALS
from lib.networks.predict import predict
from lib.networks.registry import ARCHITECTURES
from lib.training.data.augmentations import RandomFlip
from lib.training.data.feed import Feed
from lib.training.loop.checkpoint import CheckpointOptions
from lib.training.loop.device import set_determinism, use_xla
from lib.training.loop.fit import fit
from lib.training.store.model_store import ModelStore
from lib.training.training_plan import TrainingPlan

NAME = "restorer"
BATCH = 64
KEY = "attackers"
"""Their own: they have the method, not the key of those whom they attack."""
HELD_BACK = 10
"""One in so many of the attackers' subjects only checks the training."""


def told(condition: str) -> tuple[float, ...]:
    """What the restorer is told of a condition: cosine and sine of the angle, and which rival it is.

    Of a new identity it is told nothing.
    """
    angle = np.deg2rad(float(condition)) if condition.isdigit() else None
    turned = (0.0, 0.0) if angle is None else (float(np.cos(angle)), float(np.sin(angle)))
    return (*turned, *(float(condition == name) for name in RIVALS))


def train_restorer(
    painter: Painter,
    photos: Photos,
    conditions: Sequence[str],
    plan: TrainingPlan,
    store: ModelStore,
    scratch: Path,
    *,
    copies: int = 3,
) -> keras.Model:
    """Train on photos of the attackers' subjects, each repainted under `copies` conditions in turns, keep it.

    Parameters
    ----------
    photos : of subjects of whom nobody is attacked. conditions : angles and others, each equally often.
    scratch : folder for what a later run resumes from.
    """
    set_determinism(plan.seed)
    settings = {"size": painter.codec.size, "condition": len(told(""))}
    network = ARCHITECTURES[NAME](**settings)
    number = np.random.default_rng(plan.seed).integers(len(conditions), size=(copies, len(photos.images)))
    painted = np.zeros((copies, *photos.images.shape), np.uint8)
    for place, condition in enumerate(conditions):
        for copy in range(copies):
            rows = np.flatnonzero(number[copy] == place)
            if len(rows):
                painted[copy, rows] = painter.paint(photos.take(rows), condition, key=f"{KEY} {copy}")
    knows = np.array([told(one) for one in conditions], np.float32)[number]
    names = np.unique(photos.subjects)
    checks = np.isin(np.tile(photos.subjects, copies), names[::HELD_BACK])
    pictures = {
        "image": painted.reshape(-1, *photos.images.shape[1:]),
        "face": np.tile(photos.images, (copies, 1, 1, 1)),
    }
    values = {"condition": knows.reshape(-1, knows.shape[-1])}

    def feed(rows: np.ndarray, learning: bool) -> Feed:
        return Feed(
            pictures,
            values,
            inputs=("image", "condition"),
            targets="face",
            rows=rows,
            shuffle=learning,
            augment=(RandomFlip(),) if learning else (),
            batch=plan.batch,
            seed=plan.seed,
            scale=True,
        )

    lessons, check = feed(np.flatnonzero(~checks), True), feed(np.flatnonzero(checks), False)
    network.compile(plan.optimizer(len(lessons)), loss="mean_absolute_error", jit_compile=use_xla())
    identity = {"recipe": NAME, "plan": asdict(plan), "conditions": list(conditions), "copies": copies}
    keeping = CheckpointOptions(scratch, identity, remove=False)
    history = fit(network, lessons, check, epochs=plan.epochs, checkpoint=keeping, name=NAME)
    about = {"trained_on": "the attackers' part of the training subjects", "roles": ["attackers"]}
    store.put(NAME, network, NAME, settings, float16=True, about=about)
    store.put_history(NAME, history)
    return network


def restored(network: keras.Model, pictures: np.ndarray, condition: str) -> np.ndarray:
    """What the restorer makes of repainted pictures, uint8 (N, H, W, 3)."""
    parts = [np.zeros((0, *pictures.shape[1:]), np.uint8)]
    for start in range(0, len(pictures), BATCH):
        some = pictures[start : start + BATCH].astype(np.float32) / np.float32(255)
        knows = np.tile(np.array(told(condition), np.float32), (len(some), 1))
        made = predict(network, {"image": some, "condition": knows})
        parts.append(np.rint(255 * np.clip(made, 0, 1)).astype(np.uint8))
    return np.concatenate(parts)
