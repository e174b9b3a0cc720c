"""The runner of benchmarks."""

from __future__ import annotations

import subprocess
import sys

import pytest

import benchmarks.__main__ as bench
from lib.book.paths import ROOT


def test_it_shows_what_was_measured(capsys):
    bench.show({"rows per second": 12.3456, "ratio to a plain loop": "8.1 x"})
    assert capsys.readouterr().out == "  rows per second        12.3\n  ratio to a plain loop  8.1 x\n"
    bench.show(None)


def test_an_unknown_name_stops():
    with pytest.raises(SystemExit):
        bench.main(["nothing_like_this"])


def test_a_failing_benchmark_is_named(monkeypatch, capsys):
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 1))
    monkeypatch.setattr(bench, "names", lambda: ["slow_thing"])
    assert bench.main([]) == 1
    assert "failed: slow_thing" in capsys.readouterr().out


def test_every_benchmark_can_be_imported():
    """Else `make bench` is where a moved name is found out."""
    code = "".join(f"import benchmarks.{name}\n" for name in bench.names())
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_every_benchmark_has_a_main():
    for name in bench.names():
        text = (ROOT / "benchmarks" / f"{name}.py").read_text(encoding="utf-8")
        assert "def main(" in text, name
