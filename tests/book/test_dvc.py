"""DVC on a tiny project: what runs when, and that running again changes nothing."""

from __future__ import annotations

import hashlib
import time

import pytest
import yaml

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("pipeline")]


def _ran(done) -> set[str]:
    return {line.split("'")[1] for line in done.stdout.splitlines() if line.startswith("Running stage")}


def test_nothing_to_do_is_fast_and_runs_nothing(executed):
    start = time.process_time(), time.monotonic()
    done = executed.run("dvc", "repro")
    assert _ran(done) == set() and "up to date" in done.stdout
    assert time.monotonic() - start[1] < 30  # 1.7 s alone; the machine may be busy


def test_forced_run_changes_neither_lock_nor_results(executed):
    before, lock = executed.files(), executed.read("dvc.lock")
    assert _ran(executed.run("dvc", "repro", "--force")) == {"alpha", "beta"}
    assert executed.read("dvc.lock") == lock
    assert executed.files() == before
    assert executed.run("git", "status", "--porcelain").stdout == ""


def test_a_changed_parameter_runs_only_what_depends_on_it(executed):
    params = executed.read("params.yaml")
    executed.write("params.yaml", params.replace("factor: 2.0", "factor: 3.0"))
    try:
        assert _ran(executed.run("dvc", "repro")) == {"beta"}
    finally:
        executed.run("git", "checkout", "--quiet", "--", ".")
        executed.run("dvc", "checkout", "--quiet", "dvc.yaml")
    assert "up to date" in executed.run("dvc", "repro").stdout


def test_a_failing_cell_fails_repro(executed):
    text = executed.read("notebooks/02_beta.md")
    executed.write("notebooks/02_beta.md", text.replace("before = ", "1 / 0\nbefore = "))
    try:
        done = executed.run("dvc", "repro", check=False)
        assert done.returncode != 0 and "ZeroDivisionError" in done.stderr
        assert "build/failed/02_beta.ipynb" in done.stderr
        assert not (executed.root / "pages/02_beta.ipynb").exists()
    finally:
        executed.run("git", "checkout", "--quiet", "--", ".")
        executed.run("dvc", "checkout", "--quiet", "dvc.yaml")


def test_real_is_a_pipeline_of_its_own(executed):
    before, lock = executed.files(), executed.read("dvc.lock")
    executed.run("dvc", "repro", "profiles/real/dvc.yaml")
    assert executed.files() == before and executed.read("dvc.lock") == lock
    real = executed.read("profiles/real/dvc.lock")
    assert str(executed.root) not in real and "build/real/results/real/01_alpha.json" in real
    executed.python("-m", "lib.book.ship", "real")
    shipped = executed.root / "results/real/01_alpha.json"
    assert shipped.read_bytes() == (executed.root / "build/real/results/real/01_alpha.json").read_bytes()
    assert "up to date" in executed.run("dvc", "repro").stdout
    for path in executed.root.glob("results/real/**/*.*"):
        path.unlink()
    (executed.root / "profiles/real/dvc.lock").unlink()


def test_lock_names_the_bytes_that_are_there(executed):
    for stage in yaml.safe_load(executed.read("dvc.lock"))["stages"].values():
        for entry in stage["deps"] + stage["outs"]:
            path = executed.root / entry["path"]
            assert hashlib.md5(path.read_bytes()).hexdigest() == entry["md5"], entry["path"]


def test_metrics_and_plots_mean_something(executed):
    shown = executed.run("dvc", "metrics", "show").stdout
    assert "mean" in shown and "people" in shown and "sha" not in shown and "numpy" not in shown
    executed.run("dvc", "plots", "show", "--out", "build/plots")
    assert "height" in executed.read("build/plots/index.html")


def test_pages_travel_through_storage(executed, tmp_path):
    executed.run("dvc", "push", "--quiet", "dvc.yaml")
    stored = sum(path.stat().st_size for path in (executed.root / "storage").rglob("*") if path.is_file())
    assert 0 < stored < 100_000
    page = executed.root / "pages/01_alpha.ipynb"
    before = page.read_bytes()
    page.unlink()
    for cached in (executed.root / ".dvc/cache").rglob("*"):
        if cached.is_file():
            cached.chmod(0o644)
            cached.unlink()
    executed.run("dvc", "pull", "dvc.yaml")
    assert page.read_bytes() == before
