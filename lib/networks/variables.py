"""Values of a network's variables as arrays."""

from __future__ import annotations

from typing import Any

import keras


def to_numpy(variable: keras.Variable) -> Any:
    """Value of a variable as a NumPy array; bfloat16, unknown to npz, becomes float32 without loss."""
    value = keras.ops.convert_to_tensor(variable)
    if keras.backend.standardize_dtype(value.dtype) == "bfloat16":
        value = keras.ops.cast(value, "float32")
    return keras.ops.convert_to_numpy(value)
