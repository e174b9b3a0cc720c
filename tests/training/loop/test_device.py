"""Precision and XLA by what the processor can do."""

import pytest

from lib.training.loop import device
from tests.exact import exactly


def test_one_device_is_left_alone():
    with device.distribute(["cpu:0"]) as devices:
        assert devices == 1


@pytest.mark.parametrize(
    ("flags", "gpus", "depthwise", "policy"),
    [
        ("fpu avx512f amx_bf16 amx_tile", [], False, "mixed_bfloat16"),
        ("fpu avx512f amx_bf16 amx_tile", [], True, "float32"),
        ("fpu avx512f avx512_bf16", [], False, "mixed_bfloat16"),
        ("fpu avx512f avx512_bf16", [], True, "float32"),
        ("fpu avx512f amx_tile", [], False, "float32"),
        ("fpu", [(9, 0)], True, "mixed_bfloat16"),
        ("fpu amx_bf16 amx_tile", [(9, 0), (7, 5)], False, "float32"),
    ],
)
def test_precision_follows_the_hardware(monkeypatch, tmp_path, flags, gpus, depthwise, policy):
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text(f"processor\t: 0\nflags\t\t: {flags}\n\nprocessor\t: 1\nflags\t\t: fpu\n")
    found = device.cpu_flags(cpuinfo)
    assert found == set(flags.split())
    monkeypatch.setattr(device, "cpu_flags", lambda: found)
    monkeypatch.setattr(device, "gpu_capabilities", lambda: gpus)
    assert exactly(device.best_dtype_policy(depthwise=depthwise), policy, because="the name of a precision")
    assert device.use_xla() == bool(gpus)


def test_a_system_without_cpuinfo(tmp_path):
    assert device.cpu_flags(tmp_path / "none") == set()
    assert device._version("8.6") == (8, 6)
    assert device._version("gfx90a") == (99, 0)
