"""A run that was killed ends as the one that was not; two devices train like one; on both backends."""

import shutil
import signal

import numpy as np
import pandas as pd
import pytest

from lib.training.loop.checkpoint import Checkpoint
from tests.training import tiny_training as tiny
from tests.training.tiny_training import assert_equal

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def straight():
    """The run that nothing interrupts: the network and its history."""
    return tiny.run(None)


@pytest.fixture
def killed(tensorflow_runs, tmp_path):
    """What a run that was killed left, for a test alone."""
    folder, code, stderr = tensorflow_runs
    assert code == -signal.SIGKILL, stderr
    return shutil.copytree(folder / "resume", tmp_path / "resume")


def test_a_killed_process_is_resumed_with_the_same_result(straight, killed, capfd):
    assert len(list(killed.glob("*.npz"))) == 1
    net, history = tiny.run(killed)
    assert "resumed after epoch 2\n" in capfd.readouterr().err
    assert_equal(tiny.everything(net), tiny.everything(straight[0]))
    pd.testing.assert_frame_equal(history.table, straight[1].table, rtol=1e-5)
    assert not list(killed.iterdir()), "the state goes after success"


def test_two_devices_train_like_one_on_tensorflow(tensorflow_runs):
    compare(tensorflow_runs[0], tensorflow_runs[2])


def test_on_jax_a_resumed_run_on_one_device_equals_a_straight_one_on_two(jax_runs):
    folder, code, stderr = jax_runs
    assert code == 0, stderr
    assert "resumed after epoch 2\n" in stderr
    compare(folder, stderr)


def test_a_batch_that_does_not_divide_is_named(jax_runs):
    with np.load(jax_runs[0] / "two.npz") as found:
        assert "a batch of 7 does not divide among 2 devices" in str(found["refused"])


def compare(folder, stderr):
    assert (folder / "two.npz").exists(), stderr
    with np.load(folder / "two.npz") as found:
        names = [name for name in found.files if name.startswith("one")]
        assert len(names) > 3
        for name in names:
            np.testing.assert_allclose(found[name], found[name.replace("one", "two")], rtol=1e-5, atol=1e-5)


def test_without_the_random_states_the_result_differs(straight, killed, monkeypatch, capfd):
    """The wrong variant: weights and optimizer alone, as a weights file has them."""
    real = Checkpoint.restore

    def forgetful(self, model):
        seeds = [v for v in model.variables if "seed" in v.path]
        assert seeds
        before = [v.numpy() for v in seeds]
        state = real(self, model)
        for variable, value in zip(seeds, before, strict=True):
            variable.assign(value)
        return state

    monkeypatch.setattr(Checkpoint, "restore", forgetful)
    net, _ = tiny.run(killed)
    assert "resumed after epoch 2\n" in capfd.readouterr().err
    with pytest.raises(AssertionError):
        assert_equal(net.get_weights(), straight[0].get_weights())
