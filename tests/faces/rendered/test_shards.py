"""Shards of rendered faces: same bytes whatever happens on the way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tarfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

from lib.faces.faceset import EXPRESSIONS, FaceSetError
from lib.faces.loading.adapters.rendered import read
from lib.faces.rendered import compiled_kernels, picture
from lib.faces.rendered.__main__ import main
from lib.faces.rendered.output.shards import (
    Settings,
    check_shards,
    draw_shards,
    draw_subject,
    planned_expressions,
)
from tests.exact import exactly

ROOT = Path(__file__).resolve().parents[3]
DRAWN = Settings(subjects=3, images=2, size=32, first=40, shard_subjects=1)
ARGUMENTS = [
    "--subjects", "3", "--images", "2", "--size", "32", "--first", "40", "--shard-subjects", "1",
    "--workers", "1", "--out",
]  # fmt: skip


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three shards of one subject each, drawn without a break."""
    folder = tmp_path_factory.mktemp("shards")
    assert main([*ARGUMENTS, str(folder)]) == 0
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_a_killed_run_goes_on_and_gives_the_same_bytes(shards: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "lib.faces.rendered", *ARGUMENTS, str(tmp_path)]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 300
    while not list(tmp_path.glob("shard-*.tar")) and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    done = {path: path.stat().st_mtime_ns for path in tmp_path.glob("shard-*.tar")}
    assert done
    assert main([*ARGUMENTS, str(tmp_path)]) == 0
    assert contents(tmp_path) == contents(shards)
    assert all(path.stat().st_mtime_ns == when for path, when in done.items())


def test_what_a_kill_left_half_written_is_drawn_again(shards: Path, tmp_path: Path) -> None:
    whole = contents(shards)
    (tmp_path / "shard-00000.tar").write_bytes(whole["shard-00000.tar"])
    (tmp_path / ".part-abc-shard-00001.tar").write_bytes(whole["shard-00001.tar"][:700])
    draw_shards(DRAWN, str(tmp_path), workers=1)
    assert contents(tmp_path) == whole


def test_nothing_is_drawn_twice(shards: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {path: path.stat().st_mtime_ns for path in shards.iterdir()}
    assert main([*ARGUMENTS, str(shards)]) == 0
    assert {path: path.stat().st_mtime_ns for path in shards.iterdir()} == before
    assert "6 pictures of 3 subjects in 3 shards" in capsys.readouterr().out


@pytest.mark.parametrize(
    "change, said",
    [
        (["--size", "48"], "size 32"),
        (["--images", "3"], "images 2"),
        (["--quality", "90"], "quality 80"),
        (["--first", "41"], "first 40"),
        (["--shard-subjects", "2"], "subjects 1"),
        (["--subjects", "2"], "none"),
    ],
)
def test_a_shard_with_other_settings_is_refused(
    shards: Path, capsys: pytest.CaptureFixture[str], change: list[str], said: str
) -> None:
    before = contents(shards)
    assert main([*ARGUMENTS, str(shards), *change]) == 1
    message = capsys.readouterr().err
    assert "shard-0000" in message and said in message
    assert "draw into another folder, or remove its shards" in message
    assert contents(shards) == before


def test_more_subjects_may_be_added(shards: Path) -> None:
    check_shards(Settings(subjects=5, images=2, size=32, first=40, shard_subjects=1), str(shards))


def test_a_damaged_shard_is_refused(tmp_path: Path) -> None:
    (tmp_path / "shard-00000.tar").write_bytes(b"not a tar")
    with pytest.raises(FaceSetError, match=r"shard-00000\.tar .* remove its shards"):
        check_shards(DRAWN, str(tmp_path))


def test_settings_are_checked() -> None:
    for wrong in ({"subjects": 0}, {"images": 0}, {"size": 15}, {"quality": 101}, {"first": -1}):
        with pytest.raises(ValueError, match=str(next(iter(wrong)))):
            Settings(**{"subjects": 1, **wrong})
    assert main(["--subjects", "0", "--out", "unused"]) == 1


def test_tar_tells_nothing_of_machine_or_time(shards: Path) -> None:
    for path in shards.iterdir():
        with tarfile.open(path) as tar:
            names = tar.getnames()
            assert names[-1] == "labels.csv" and len(names) == 3
            for member in tar.getmembers():
                assert (member.mtime, member.uid, member.gid, member.uname) == (0, 0, 0, "")


def test_adapter_reads_what_was_drawn(shards: Path) -> None:
    source = read(shards)
    assert len(source.labels) == 6 and source.publishable and source.skipped.empty
    assert source.labels.groupby("subject")["split"].nunique().eq(1).all()
    assert source.labels["subject"].tolist() == [f"{40 + k // 2:06d}" for k in range(6)]
    rendering = list(draw_subject(41, 2, 32))[1]
    row = source.labels.set_index("image").loc["000041_01"]
    for name, value in rendering.truth.attributes.items():
        assert exactly(row[name], value, because="labels are whole numbers, read back")
    assert row["expression"] == rendering.truth.expression
    assert row["left_eye_x"] == pytest.approx(rendering.truth.points[0, 0], abs=0.006)
    assert row["age"] == pytest.approx(rendering.truth.age, abs=0.006)


@pytest.fixture
def threads_as_before() -> Iterator[None]:
    count = cv2.getNumThreads()
    yield
    cv2.setNumThreads(count)


@pytest.mark.usefixtures("threads_as_before")
def test_thread_count_changes_next_to_nothing() -> None:
    images = []
    for count in (1, 2, 4):
        cv2.setNumThreads(count)
        with threadpool_limits(count):
            images.append(picture(43, 1, 64).image.astype(int))
    for image in images[1:]:
        assert np.mean(np.abs(image - images[0]).max(-1) <= 1) >= 0.999


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 30))
def test_planned_expressions(number: int, images: int) -> None:
    planned = planned_expressions(number, images)
    assert len(planned) == images and set(planned) <= set(EXPRESSIONS)
    assert planned == planned_expressions(number, images)
    counts = Counter(planned)
    for name in ("neutral", "happy"):
        assert abs(counts[name] - 2 * images / 7) < 1
    rare = [counts[name] for name in EXPRESSIONS if name not in ("neutral", "happy")]
    assert max(rare) - min(rare) <= 1


def test_seven_pictures_are_two_two_and_three_others() -> None:
    total: Counter[str] = Counter()
    for number in range(1000):
        counts = Counter(planned_expressions(number, 7))
        assert counts["neutral"] == counts["happy"] == 2 and len(counts) == 5
        total.update(counts)
    for name in set(EXPRESSIONS) - {"neutral", "happy"}:
        assert total[name] == pytest.approx(600, abs=75)


def test_kernels_of_earlier_sources_are_pruned(tmp_path: Path) -> None:
    for name, age in (("kernels-old", 3e5), ("kernels-fresh", 60), ("other-old", 3e5)):
        (tmp_path / name).mkdir()
        os.utime(tmp_path / name, times=(time.time() - age,) * 2)
    folder = compiled_kernels.cache_folder(tmp_path)
    assert folder.name.startswith("kernels-")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kernels-fresh", "other-old"]
