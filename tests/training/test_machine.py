"""Precision by what the processor can do, and the same result on two devices as on one."""

import numpy as np
import pytest

from lib.training import machine


def test_two_devices_train_like_one_on_tensorflow(tensorflow_runs):
    compare(tensorflow_runs[0], tensorflow_runs[2])


def test_two_devices_train_like_one_on_jax(jax_runs):
    compare(jax_runs[0], jax_runs[2])


def compare(folder, stderr):
    assert (folder / "two.npz").exists(), stderr
    with np.load(folder / "two.npz") as found:
        assert found["devices"] == 2
        np.testing.assert_allclose(found["loss_one"], found["loss_two"], rtol=1e-5)
        names = [name for name in found.files if name.startswith("one")]
        assert names
        for name in names:
            np.testing.assert_allclose(found[name], found[name.replace("one", "two")], atol=1e-5)


def test_one_device_is_left_alone():
    with machine.distribute(["cpu:0"]) as devices:
        assert devices == 1


@pytest.mark.parametrize(
    ("flags", "gpus", "depthwise", "policy"),
    [
        ("fpu avx512f amx_bf16 amx_tile", [], False, "mixed_bfloat16"),
        ("fpu avx512f amx_bf16 amx_tile", [], True, "float32"),
        ("fpu avx512f avx512_bf16", [], False, "float32"),
        ("fpu", [(9, 0)], True, "mixed_bfloat16"),
        ("fpu amx_bf16 amx_tile", [(9, 0), (7, 5)], False, "float32"),
    ],
)
def test_precision_follows_the_hardware(monkeypatch, tmp_path, flags, gpus, depthwise, policy):
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text(f"processor\t: 0\nflags\t\t: {flags}\n\nprocessor\t: 1\nflags\t\t: fpu\n")
    found = machine.cpu_flags(cpuinfo)
    assert found == set(flags.split())
    monkeypatch.setattr(machine, "cpu_flags", lambda: found)
    monkeypatch.setattr(machine, "gpu_capabilities", lambda: gpus)
    assert machine.precision(depthwise=depthwise) == policy
    assert machine.use_xla() == bool(gpus)


def test_a_system_without_cpuinfo(tmp_path):
    assert machine.cpu_flags(tmp_path / "none") == set()
    assert machine._version("8.6") == (8, 6)
    assert machine._version("gfx90a") == (99, 0)
