"""When the code of a stage may be taken over without running it."""

from __future__ import annotations

import json
import subprocess

import pytest
import yaml

from lib.book import accept
from lib.book.accept import AcceptError, check_status, made_by


def changed(**kinds):
    return {"gamma": [{kind.replace("_", " "): files} for kind, files in kinds.items()]}


def test_a_profile_has_a_pipeline_and_a_lock_of_its_own(tmp_path):
    assert accept.target("train_x") == "train_x" and accept.lock_of("rendered") == "dvc.lock"
    assert accept.target("train_x", "real") == "profiles/real/dvc.yaml:train_x"
    for profile, value in (("rendered", "a1"), ("real", "b2")):
        lock = tmp_path / accept.lock_of(profile)
        lock.parent.mkdir(parents=True, exist_ok=True)
        known = {"params": {"code_hashes.yaml": {f"{profile}.train_x": value}}}
        lock.write_text(yaml.safe_dump({"stages": {"train_x": known}}))
        assert accept.locked_hash("train_x", profile, tmp_path) == value
    with pytest.raises(AcceptError, match="profiles/real/dvc.lock holds no hash of the code of train_y"):
        accept.locked_hash("train_y", "real", tmp_path)


def test_the_hash_of_the_code_alone_may_differ():
    check_status(changed(changed_deps={"code_hashes.yaml": {"rendered.gamma": "modified"}}), "gamma")


@pytest.mark.parametrize(
    "status",
    [
        {},
        changed(changed_deps={"code_hashes.yaml": {}, "params.yaml": {"gamma.size": "modified"}}),
        changed(changed_deps={"notebooks/03_gamma.md": "modified"}),
        changed(changed_deps={"code_hashes.yaml": {}}, changed_outs={"pages/03_gamma.ipynb": "deleted"}),
        {"gamma": ["changed command"]},
    ],
    ids=["nothing", "parameter", "text", "outs", "command"],
)
def test_anything_else_stops(status):
    with pytest.raises(AcceptError):
        check_status(status, "gamma")


def test_smoke_results_are_compared_without_their_provenance(tmp_path):
    def made(code, value, network=b"1"):
        results = tmp_path / "results/smoke"
        results.mkdir(parents=True, exist_ok=True)
        record = {"values": {"a": value}, "provenance": {"code": code}}
        (results / "03_gamma.json").write_text(json.dumps(record))
        (results / "03_gamma.table.csv").write_text("x\n1\n")
        (tmp_path / "trained/03_gamma").mkdir(parents=True, exist_ok=True)
        (tmp_path / "trained/03_gamma/network.npz").write_bytes(network)
        (tmp_path / "trained/03_gamma/provenance.json").write_text(code)
        return made_by("03_gamma", tmp_path)

    first = made("old", 1)
    assert made("new", 1) == first and set(first) == {
        "values",
        "03_gamma.table.csv",
        "trained/03_gamma/network.npz",
    }
    assert made("old", 2) != first and made("old", 1, b"2") != first


def test_a_training_alone_leaves_no_values(tmp_path):
    (tmp_path / "trained/03_gamma").mkdir(parents=True)
    (tmp_path / "trained/03_gamma/network.npz").write_bytes(b"1")
    assert list(made_by("03_gamma", tmp_path)) == ["trained/03_gamma/network.npz"]


def test_the_chapters_before_a_stage_run_first():
    assert accept.needed("gender_roc")[-1] == "05_gender_roc"
    assert "05_gender_roc" in accept.needed("train_tradeoff"), "the page of 06 quotes the one of 05"
    assert "05_gender_roc" not in accept.needed("matching_roc"), "matching waits for no attackers"
    assert accept.needed("train_tradeoff", training=True) == [
        "03_san_pretraining",
        "04_san_training",
        "06_tradeoff",
    ]
    assert accept.needed("gender_roc")[:2] == ["03_san_pretraining", "04_san_training"]
    assert accept.needed("prototypes") == ["02_prototypes"]
    assert accept.needed("prototypes", "train_san_pretraining") == ["02_prototypes", "03_san_pretraining"]


def test_old_code_runs_with_the_values_of_today_under_the_names_that_it_knows(tmp_path):
    root = tmp_path / "root"
    (root / "profiles/smoke").mkdir(parents=True)
    params, profile = (root / name for name in accept.PARAMETERS)
    params.write_text("gamma: {size: 1, gone: 2}")
    profile.write_text("gamma: {gone: 3}")
    git = ("git", "-c", "user.name=a", "-c", "user.email=a@b")
    for command in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "then")):
        subprocess.run([*git, *command], cwd=root, check=True)
    params.write_text("gamma: {size: 5, new: 6}\ndelta: {size: 7}")
    profile.write_text("gamma: {size: 8, new: 9}\ndelta: {size: 10}")
    with accept.checked_out("HEAD", tmp_path, root) as tree:
        found = [yaml.safe_load((tree / name).read_text()) for name in accept.PARAMETERS]
    assert found == [{"gamma": {"size": 5, "gone": 2}}, {"gamma": {"size": 8}}]
    assert not tree.exists()


def test_results_that_differ_are_named():
    accept.check_equal({"values": "1"}, {"values": "1"}, "gamma")
    with pytest.raises(AcceptError, match="nothing that could be compared"):
        accept.check_equal({}, {}, "gamma")
    with pytest.raises(AcceptError, match="a.csv, b.csv"):
        accept.check_equal({"values": "1", "a.csv": "x"}, {"values": "1", "b.csv": "x"}, "gamma")


def test_commits_of_one_code_are_run_once_and_another_code_is_seen(tmp_path):
    def git(*words):
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b", *words], cwd=tmp_path, check=True)

    def commit(path, text):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
        git("add", "--all")
        git("commit", "--quiet", "-m", path)
        done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=tmp_path, capture_output=True, text=True)
        return accept.code_at(done.stdout.strip(), tmp_path)

    git("init", "--quiet")
    for path in ("notebooks/a.md", "profiles/a.yaml", "params.yaml"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text("a")
    first = commit("lib/a.py", "a = 1")
    assert commit("dvc.lock", "another lock") == first
    assert commit("lib/a.py", "a = 2") != first
