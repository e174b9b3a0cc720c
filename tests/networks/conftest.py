"""The networks run once in a process of each backend."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

SCRIPT = Path(__file__).with_name("both_backends.py")


@pytest.fixture(scope="session")
def backends(tmp_path_factory):
    """What `both_backends.py` found, by backend; both processes run side by side."""
    folder = tmp_path_factory.mktemp("backends")
    runs = {name: start(name, folder / f"{name}.npz") for name in ("tensorflow", "jax")}
    for name, run in runs.items():
        _, stderr = run.communicate(timeout=600)
        assert run.returncode == 0, f"{name}: {stderr[-3000:]}"
    return {name: dict(np.load(folder / f"{name}.npz")) for name in runs}


def start(backend, path):
    """The script in a process of its own. XLA need not optimise what runs once."""
    flags = "--xla_backend_optimization_level=0" if backend == "jax" else ""
    world = {**os.environ, "KERAS_BACKEND": backend, "XLA_FLAGS": flags}
    command = [sys.executable, str(SCRIPT), str(path)]
    return subprocess.Popen(command, env=world, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
