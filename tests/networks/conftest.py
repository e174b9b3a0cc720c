"""The networks run once on each backend."""

import os
import subprocess
import sys

import numpy as np
import pytest

from tests.networks import both_backends


@pytest.fixture(scope="session")
def backends(tmp_path_factory):
    """What `both_backends.py` found, by backend: TensorFlow here, JAX meanwhile in a process of its own."""
    assert both_backends.keras.backend.backend() == "tensorflow"
    path = tmp_path_factory.mktemp("backends") / "jax.npz"
    # XLA need not optimise what runs once.
    world = {**os.environ, "KERAS_BACKEND": "jax", "XLA_FLAGS": "--xla_backend_optimization_level=0"}
    command = [sys.executable, both_backends.__file__, str(path)]
    jax = subprocess.Popen(command, env=world, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    found = both_backends.run()
    _, stderr = jax.communicate(timeout=600)
    assert jax.returncode == 0, stderr[-3000:]
    return {"tensorflow": found, "jax": dict(np.load(path))}
