"""Runs that need a process of their own: another backend, two devices, a kill."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

TINY = Path(__file__).with_name("tiny_training.py")


def run_tiny(folder, backend):
    """Run the tiny training on two virtual devices of a backend; returns its exit code and its stderr."""
    flags = "--xla_force_host_platform_device_count=2 --xla_backend_optimization_level=0"
    world = {**os.environ, "KERAS_BACKEND": backend, "XLA_FLAGS": flags if backend == "jax" else ""}
    done = subprocess.run(
        [sys.executable, str(TINY), str(folder)], env=world, capture_output=True, text=True, timeout=300
    )
    return done.returncode, done.stderr


@pytest.fixture(scope="session")
def tensorflow_runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tensorflow")
    return folder, *run_tiny(folder, "tensorflow")


@pytest.fixture(scope="session")
def jax_runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("jax")
    return folder, *run_tiny(folder, "jax")
