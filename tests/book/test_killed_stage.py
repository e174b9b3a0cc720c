"""A stage that is killed while it trains: the next `dvc repro` goes on and ends with the same result."""

from __future__ import annotations

import json
import re
import signal
import subprocess

import numpy as np
import psutil
import pytest

from tests.book.tiny import ROOT, Project, cell, chapter, copy_room
from tests.processes import alive, wait_for

pytestmark = pytest.mark.slow

EPOCHS = 6

# Dropout and Adam have states of their own: a run that resumed from the weights alone would end elsewhere.
TRAINING = chapter(
    "Alpha",
    "people = 32\nseed = 1",
    cell("""
import os
import time

import keras
import numpy as np

from lib.book import Chapter
from lib.training.data.feed import Feed
from lib.training.loop.checkpoint import CheckpointOptions
from lib.training.loop.fit import fit
from lib.training.loop.device import set_determinism

chapter = Chapter("01_alpha", globals())
random = np.random.default_rng(seed)
values = {"x": random.normal(size=(people, 6)), "y": random.normal(size=(people, 1))}
values = {name: array.astype(np.float32) for name, array in values.items()}


class Pause(keras.callbacks.Callback):
    def on_train_batch_begin(self, batch, logs=None):
        time.sleep(float(os.environ.get("PAUSE", "0")))


set_determinism(seed, threads=1)
layers = [keras.layers.Dense(5, "tanh"), keras.layers.Dropout(0.3), keras.layers.Dense(1)]
network = keras.Sequential([keras.Input((6,)), *layers])
network.compile(keras.optimizers.Adam(0.01), "mse", run_eagerly=True)
history = fit(
    network,
    Feed({}, values, inputs="x", targets="y", batch=8, seed=seed),
    epochs=6,
    checkpoint=CheckpointOptions(chapter.scratch, chapter.parameters),
    callbacks=[Pause()],
    name="tiny",
)
weights = [variable.numpy().ravel() for variable in network.weights]
chapter.save({"loss": history.table["loss"].tolist(), "weights": np.concatenate(weights)})
"""),
)


@pytest.fixture
def training(project: Project) -> Project:
    """The tiny book with a first chapter that trains."""
    for room in ("training", "networks", "measures", "faces"):
        copy_room(room, project.root)
    project.write("jax.py", (ROOT / "tests/without_jax/jax.py").read_text(encoding="utf-8"))
    project.write("lib/arrays.py", (ROOT / "lib/arrays.py").read_text(encoding="utf-8"))
    project.write("params.yaml", project.read("params.yaml").replace("people: 4", "people: 32"))
    project.write("notebooks/01_alpha.md", TRAINING)
    project.begin()
    return project


def killed(project: Project, after: str) -> str:
    """Run `dvc repro` and end it with all its processes once `after` is shown; what was shown until then."""
    shown = project.root / "build" / "shown.txt"
    shown.parent.mkdir(exist_ok=True)
    environment = project.environment(PAUSE="0.2")
    with shown.open("w") as file:
        dvc = subprocess.Popen(
            ["dvc", "repro", "alpha"], cwd=project.root, env=environment, stdout=file, stderr=file
        )
    try:
        wait_for(lambda: after in shown.read_text() or dvc.poll() is not None, 120)
        assert dvc.poll() is None, shown.read_text()
    finally:
        commands = kill_tree(dvc.pid)
    assert dvc.wait(30) == -signal.SIGKILL
    for part in ("lib.book.run", "ipykernel"):
        assert any(part in command for command in commands), commands
    return shown.read_text()


def kill_tree(number: int) -> list[str]:
    """Kill a process and all below it; their commands.

    By the tree, as the kernel leads a process group of its own. Parents first, so that none sees a child die.
    """
    if not psutil.pid_exists(number):
        return []
    tree = [psutil.Process(number)]
    tree += tree[0].children(recursive=True)
    commands = [" ".join(process.cmdline()) for process in tree]
    for process in tree:
        process.kill()
    wait_for(lambda: not any(alive(process.pid) for process in tree), 30)
    return commands


def epochs(shown: str) -> list[int]:
    """Numbers of the epochs that a run completed, in its order."""
    return [int(number) for number in re.findall(rf"tiny: epoch (\d+)/{EPOCHS}  ", shown)]


def values(project: Project) -> dict[str, list[float]]:
    return json.loads(project.read("results/rendered/01_alpha.json"))["values"]


def test_a_killed_stage_goes_on_and_ends_with_the_same_result(training):
    before = epochs(killed(training, f"tiny: epoch 3/{EPOCHS}  "))
    scratch = training.root / "build/scratch/rendered/01_alpha"
    assert before[:3] == [1, 2, 3] and EPOCHS not in before, "the kill lands within the training"
    assert not (training.root / "results/rendered/01_alpha.json").exists()
    assert len(list(scratch.glob("*.npz"))) == 1

    done = training.run("dvc", "repro", "alpha")
    said = re.search(r"tiny: resumed after epoch (\d)\n", done.stdout + done.stderr)
    assert said, done.stdout + done.stderr
    first = int(said[1])
    assert before[-1] <= first < EPOCHS
    assert epochs(done.stdout + done.stderr) == list(range(first + 1, EPOCHS + 1))
    assert not list(scratch.glob("*.npz")), "the state goes after success"
    resumed = values(training)

    done = training.python("-m", "lib.book", "run", "01_alpha")
    assert "resumed" not in done.stderr + done.stdout
    assert epochs(done.stdout + done.stderr) == list(range(1, EPOCHS + 1))
    straight = values(training)
    assert len(straight["loss"]) == EPOCHS and len(straight["weights"]) == 6 * 5 + 5 + 5 + 1
    for name in ("loss", "weights"):
        np.testing.assert_allclose(resumed[name], straight[name], rtol=1e-5, atol=1e-5)
