"""Settings of one training: how many epochs, how large a batch, which learning rate."""

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
        """Adam for so many steps in an epoch."""
        falling = keras.optimizers.schedules.CosineDecay(self.learning_rate, max(1, steps * self.epochs))
        return keras.optimizers.Adam(falling)
