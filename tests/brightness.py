"""A classifier that reads the mean grey level and nothing else, trained in a second."""

from __future__ import annotations

from collections.abc import Iterator

import joblib
import keras
import pytest

from lib.networks.registry import ARCHITECTURES


def brightness(size: int) -> keras.Model:
    """Logit of a grey picture (B, size, size, 1) in [0, 1] from its mean alone."""
    image = keras.Input((size, size, 1))
    mean = keras.layers.GlobalAveragePooling2D()(image)
    return keras.Model(image, keras.layers.Dense(1, dtype="float32")(keras.layers.Rescaling(6.0, -3.0)(mean)))


@pytest.fixture(scope="module", autouse=True)
def known_architecture() -> Iterator[None]:
    """The architecture `brightness`, trained in this process, for a module of tests that imports this."""
    with pytest.MonkeyPatch.context() as patch, joblib.parallel_config("sequential"):
        patch.setitem(ARCHITECTURES._entries, "brightness", f"{__name__}:brightness")
        yield
