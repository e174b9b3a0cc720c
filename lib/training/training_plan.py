"""TrainingPlan: epochs, batch size, learning rate and its schedule, seed and patience of one training."""

from __future__ import annotations

from dataclasses import dataclass

import keras


@dataclass(frozen=True)
class TrainingPlan:
    """Epochs, batch size, learning rate, seed and patience of one training.

    Attributes
    ----------
    epochs : passes over the rows; 1 or more.
    batch : images in a batch.
    learning_rate : of Adam at the start; falls to 0 along half a cosine.
    seed : of order and augmentation. Call `device.set_determinism` before the network is built.
    patience : epochs without a better validation loss before it stops; None runs all.
    """

    epochs: int
    batch: int = 32
    learning_rate: float = 1e-3
    seed: int = 0
    patience: int | None = None

    def optimizer(self, steps: int) -> keras.optimizers.Optimizer:
        """Adam with a cosine learning rate schedule for `steps` steps per epoch."""
        falling = keras.optimizers.schedules.CosineDecay(self.learning_rate, max(1, steps * self.epochs))
        return keras.optimizers.Adam(falling)
