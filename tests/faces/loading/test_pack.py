from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from lib.faces.detections import Detections
from lib.faces.faceset import BOX_COLUMNS, POINT_COLUMNS, FaceSet, FaceSetError
from lib.faces.loading.adapters import folder
from lib.faces.loading.align import TEMPLATES, apply, crop_template, similarity
from lib.faces.loading.pack import pack
from lib.faces.loading.source import Source
from lib.faces.resumable_array import ResumableArray, npy_header
from tests.exact import exactly
from tests.faces.loading.publisher_files import encode, tone, write_archive

ROOT = Path(__file__).resolve().parents[3]


def source_of(images: list[np.ndarray | bytes], **how: object) -> Source:
    data = [image if isinstance(image, bytes) else encode(image) for image in images]
    labels = pd.DataFrame({"image": [f"{i:03d}" for i in range(len(data))]})
    labels["subject"] = how.pop("subjects", labels["image"])
    labels["split"] = "train"
    for column, values in how.pop("columns", {}).items():
        labels[column] = values
    return Source("tiny", labels, data.__getitem__, **how)


def noise(height: int = 40, width: int = 30, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def point_columns(points: np.ndarray) -> dict[str, np.ndarray]:
    return dict(zip(POINT_COLUMNS, np.reshape(points, (-1, 10)).T, strict=True))


def test_pictures_and_labels_arrive_in_order(tmp_path):
    source = source_of([tone(i) for i in range(70)], columns={"age": np.arange(70.0)})
    faces = pack(source, tmp_path / "a", 8, workers=3, progress=False)
    assert faces.images[:, 0, 0, 0].tolist() == list(range(70)) == faces.labels["age"].tolist()
    assert isinstance(faces.images, np.memmap) and faces.name == "tiny" and not faces.publishable
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == [
        "faceset.json", "images.npy", "labels.csv", "skipped.csv"
    ]  # fmt: skip
    with pytest.raises(FileExistsError, match="exists; remove it first"):
        pack(source, tmp_path / "a", 8, progress=False)


def test_bad_pictures_are_counted_and_listed_and_the_rest_is_packed(tmp_path):
    jpeg = encode(noise(), "JPEG")
    pictures = [tone(1), b"", b"text", jpeg[: len(jpeg) // 2], encode(noise(1, 1)), tone(2)]
    faces = pack(source_of(pictures), tmp_path / "a", 8, progress=False)
    assert faces.labels["image"].tolist() == ["000", "004", "005"] and len(faces.images) == 3
    assert faces.about["skipped"] == {"empty file": 1, "not an image": 1, "truncated": 1}
    listed = pd.read_csv(tmp_path / "a" / "skipped.csv", dtype=str)
    assert listed.to_numpy().tolist() == [
        ["001", "empty file"],
        ["002", "not an image"],
        ["003", "truncated"],
    ]


def test_nothing_to_pack_is_an_error_that_says_why(tmp_path):
    with pytest.raises(FaceSetError, match=r"tiny: no picture could be packed into .*2 x not an image"):
        pack(source_of([b"x", b"y"]), tmp_path / "a", 8, progress=False)
    assert not (tmp_path / "a").exists()


def test_a_read_error_costs_one_picture(tmp_path):
    def read(i: int) -> bytes:
        if i == 1:
            raise OSError("disk")
        return encode(tone(i))

    source = source_of([tone(0)] * 3)
    faces = pack(Source("tiny", source.labels, read), tmp_path / "a", 8, progress=False)
    assert len(faces) == 2 and faces.about["skipped"] == {"unreadable file": 1}


def test_a_window_at_its_own_size_is_cut_unchanged(tmp_path):
    image = noise(60, 50)
    source = source_of([image], window=lambda height, width: (10, 20, 42, 52))
    assert (pack(source, tmp_path / "a", 32, progress=False).images[0] == image[20:52, 10:42]).all()
    whole = pack(source, tmp_path / "b", (60, 50), crop="whole", progress=False)
    assert (whole.images[0] == image).all()
    centre = pack(source, tmp_path / "c", 50, crop="whole", progress=False)
    assert (centre.images[0] == image[5:55]).all()


def test_packs_of_another_size_take_the_same_window(tmp_path):
    """The window 25,45,153,173 of 178 x 218 is 12,22,76,86 at half size, halves rounded down."""
    half, squeezed = noise(109, 89), np.asarray(Image.fromarray(noise(218, 178)).resize((64, 64)))
    source = source_of([half, squeezed], window=lambda height, width: (25, 45, 153, 173), frame=(218, 178))
    faces = pack(source, tmp_path / "a", 64, progress=False)
    assert (faces.images[0] == half[22:86, 12:76]).all()
    box = (25 * 64 / 178, 45 * 64 / 218, 153 * 64 / 178, 173 * 64 / 218)
    expected = Image.fromarray(squeezed).resize((64, 64), Image.Resampling.BICUBIC, box=box)
    assert exactly(faces.images[1], np.asarray(expected), because="Pillow counts in integers, both times")


def test_points_and_boxes_move_with_the_window(tmp_path):
    points = np.array([[12.0, 22], [38, 22], [25, 30], [15, 45], [35, 45]])
    columns = point_columns(points) | dict(zip(BOX_COLUMNS, [10.0, 20, 42, 52], strict=True))
    image = np.zeros((60, 50, 3), np.uint8)
    for x, y in points.astype(int):
        image[y, x] = 255
    source = source_of([image], columns=columns, window=lambda height, width: (10, 20, 42, 52))
    same = pack(source, tmp_path / "a", 32, progress=False)
    np.testing.assert_allclose(same.points[0], points - [10, 20])
    np.testing.assert_allclose(same.boxes[0], [0, 0, 32, 32])
    double = pack(source, tmp_path / "b", 64, progress=False)
    np.testing.assert_allclose(double.points[0], (points - [10, 20]) * 2 + 0.5)
    np.testing.assert_allclose(double.boxes[0], [0, 0, 64, 64])
    for packed in (same, double):
        for x, y in np.floor(packed.points[0]).astype(int):
            assert packed.images[0, y, x, 0] > 100, "the point is on its dot in the pixels"


def test_alignment_by_labelled_points(tmp_path):
    template = crop_template(0.3, 0.5, (48, 48))
    move = np.array([[0.8, -0.3, 30], [0.3, 0.8, 10]])
    points = apply(move, template.points)
    columns = point_columns(points) | {"roll": 20.0, "yaw": 3.0}
    faces = pack(
        source_of([noise(120, 120)], columns=columns), tmp_path / "a", 48, crop=template, progress=False
    )
    np.testing.assert_allclose(faces.points[0], template.points, atol=0.01)
    assert "roll" not in faces.labels and faces.labels["yaw"][0] == 3


def detect_bright(image: np.ndarray) -> Detections:
    """A face where the picture is bright: no face in a dark one, two in one with a bright corner."""
    if image.mean() < 50:
        return Detections.none()
    height, width = image.shape[:2]
    boxes = [[width / 4, height / 4, 3 * width / 4, 3 * height / 4]]
    if image[0, 0, 0] > 200:
        boxes.append([0, 0, 0.6 * width, 0.6 * height])
    boxes = np.array(boxes)
    unit = (TEMPLATES["arcface"].points + 0.5) / 112
    points = boxes[:, None, :2] + unit * (boxes[:, None, 2:] - boxes[:, None, :2]) - 0.5
    return Detections(boxes, points, np.ones(len(boxes)))


def test_without_a_face_nothing_is_packed_by_an_alignment(tmp_path):
    source = source_of([tone(100, 64, 64), tone(3, 64, 64), tone(250, 64, 64)])
    faces = pack(source, tmp_path / "a", 112, crop="arcface", detector=detect_bright, progress=False)
    assert faces.labels["image"].tolist() == ["000", "002"] and faces.labels["faces"].tolist() == [1, 2]
    assert faces.about["skipped"] == {"no face found": 1} and faces.about["several faces"] == 1
    np.testing.assert_allclose(faces.points[0], TEMPLATES["arcface"].points, atol=0.3)
    assert "001,no face found" in (tmp_path / "a" / "skipped.csv").read_text()


def test_without_a_face_a_window_is_packed_and_counted(tmp_path):
    pictures = [tone(100, 64, 64), tone(3, 64, 64)]
    faces = pack(source_of(pictures), tmp_path / "a", 64, detector=detect_bright, progress=False)
    assert len(faces) == 2 and faces.about["no face found"] == 1 and faces.about["skipped"] == {}
    assert np.isnan(faces.points[1]).all() and not np.isnan(faces.points[0]).any()


@pytest.mark.parametrize("choose, left", [("largest", 0), ("central", 16)])
def test_which_of_two_faces(tmp_path, choose, left):
    source = source_of([tone(250, 64, 64)], choose=choose)
    faces = pack(source, tmp_path / "a", 64, detector=detect_bright, progress=False)
    assert faces.boxes[0, 0] == pytest.approx(left)


def test_labelled_points_go_before_the_detector(tmp_path):
    points = np.stack([TEMPLATES["arcface"].points, np.full((5, 2), np.nan)])
    asked = []

    def detector(image: np.ndarray) -> Detections:
        asked.append(image[0, 0, 0])
        return detect_bright(image)

    source = source_of([tone(90, 112, 112), tone(110, 112, 112)], columns=point_columns(points))
    faces = pack(source, tmp_path / "a", 112, crop="arcface", detector=detector, progress=False)
    assert asked == [110] and len(faces) == 2
    np.testing.assert_allclose(faces.points[0], TEMPLATES["arcface"].points, atol=1e-3)


def test_a_squeezed_picture_is_stretched_back_before_a_face_is_sought(tmp_path):
    seen = []

    def detector(image: np.ndarray) -> Detections:
        seen.append(image.shape)
        return detect_bright(image)

    source = source_of([tone(90, 64, 64), tone(90, 109, 89)], frame=(218, 178))
    pack(source, tmp_path / "a", 32, crop="arcface", detector=detector, progress=False)
    assert seen == [(218, 178, 3), (109, 89, 3)]


def test_an_alignment_without_points_is_refused_at_once(tmp_path):
    with pytest.raises(FaceSetError, match=r"needs the five points .*: hand in a detector"):
        pack(source_of([tone(1)]), tmp_path / "a", 112, crop="arcface", progress=False)
    with pytest.raises(FaceSetError, match=r"crop 'arcfase' is none of window, whole"):
        pack(source_of([tone(1)]), tmp_path / "a", 112, crop="arcfase", progress=False)


def test_the_detector_is_called_by_one_thread_at_a_time(tmp_path):
    busy, clashes = threading.Lock(), []

    def detector(image: np.ndarray) -> Detections:
        if not busy.acquire(blocking=False):
            clashes.append(1)
            return Detections.none()
        time.sleep(0.002)
        busy.release()
        return detect_bright(image)

    pack(source_of([tone(90)] * 30), tmp_path / "a", 8, detector=detector, workers=4, progress=False)
    assert not clashes


def test_what_is_read_waits_for_the_slowest_worker(tmp_path):
    """However slowly faces are found, no more than a few batches for each worker have been read."""
    read, ahead, cut, lock = [], [], [], threading.Lock()
    picture = encode(noise(300, 300), "PNG")  # so large that each is a batch of its own

    def detector(image: np.ndarray) -> Detections:
        time.sleep(0.001)
        with lock:
            cut.append(1)
            ahead.append(len(read) - len(cut))
        return Detections.none()

    def opened(i: int) -> bytes:
        read.append(i)
        return picture

    source = source_of([picture] * 80)
    source = Source("tiny", source.labels, opened)
    pack(source, tmp_path / "a", 8, detector=detector, workers=2, progress=False)
    assert read == sorted(read) and len(read) == 80
    assert max(ahead) <= 4 * 2, "2 at work, 2 x 2 dispatched, 2 taken at once"


def test_limit_takes_whole_subjects_and_always_the_same(tmp_path):
    subjects = [f"s{i // 4}" for i in range(40)]
    source = source_of([tone(i) for i in range(40)], subjects=subjects)
    faces = pack(source, tmp_path / "a", 8, limit=12, progress=False)
    assert len(faces) == 12 and faces.labels["subject"].value_counts().tolist() == [4, 4, 4]
    assert faces.labels["image"].is_monotonic_increasing
    assert set(source.limited(8).labels["image"]) < set(faces.labels["image"])


def test_what_was_done_to_the_pictures_is_counted(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    pictures = [
        encode(noise(), "JPEG", exif=exif),
        encode(Image.fromarray(noise()).convert("CMYK"), "JPEG"),
        tone(1),
    ]
    assert pack(source_of(pictures), tmp_path / "a", 8, progress=False).about["notes"] == {
        "CMYK": 1,
        "turned": 1,
    }


def test_the_header_is_as_long_for_fewer_rows():
    for most in (1, 9, 10, 99, 100, 12345, 200_000, 10**9):
        assert {len(npy_header((rows, 112, 112, 3))) for rows in (1, most // 2 + 1, most)} == {128}


def test_a_kill_between_two_chunks_loses_nothing(tmp_path):
    script = textwrap.dedent(
        """
        import os, signal, sys
        from lib.faces.loading.adapters import folder
        from lib.faces.loading.pack import pack
        import lib.faces.resumable_array as packing
        add, count, packing._CHUNK_MOST = packing.ResumableArray.add, [0], 16
        def dying(self, cuts):
            add(self, cuts)
            count[0] += 1
            if count[0] == 2:
                os.kill(os.getpid(), signal.SIGKILL)
        packing.ResumableArray.add = dying
        pack(folder.read(sys.argv[1]), sys.argv[2], 8, progress=False)
        """
    )
    files = {f"s{i % 7}/{i:02d}.png": b"no" if i % 5 == 4 else encode(tone(i)) for i in range(60)}
    path = write_archive(tmp_path / "set", "folder", files)
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    died = subprocess.run([sys.executable, "-c", script, path, tmp_path / "a"], cwd=ROOT, env=environment)
    assert died.returncode == -signal.SIGKILL and not (tmp_path / "a").exists()
    assert len(list((tmp_path / "a.part").glob("chunk-*.csv"))) == 2
    read, source = [], folder.read(path)
    counted = Source(
        source.name, source.labels, lambda i: read.append(i) or source.read(i), about=source.about
    )
    resumed = pack(counted, tmp_path / "a", 8, progress=False)
    assert min(read) == 32, "the first two chunks are not read again"
    fresh = pack(source, tmp_path / "b", 8, progress=False)
    assert resumed.fingerprint() == fresh.fingerprint() and resumed.about == fresh.about
    assert (tmp_path / "a/images.npy").read_bytes() == (tmp_path / "b/images.npy").read_bytes()


def test_a_part_of_another_run_is_begun_anew(tmp_path):
    part = ResumableArray.open(tmp_path / "a", 3, (8, 8), "other")
    (part.folder / "chunk-000000000.csv").write_text("record,row\n0,0\n")
    faces = pack(source_of([tone(5), tone(6), tone(7)]), tmp_path / "a", 8, progress=False)
    assert faces.images[:, 0, 0, 0].tolist() == [5, 6, 7]


def test_two_runs_at_once_do_not_mix(tmp_path):
    errors, source = [], source_of([tone(i) for i in range(50)])

    def run() -> None:
        try:
            pack(source, tmp_path / "a", 8, progress=False)
        except FileExistsError as error:
            errors.append(error)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(errors) == 1 and FaceSet.open(tmp_path / "a").images[:, 0, 0, 0].tolist() == list(range(50))


def test_the_progress_bar_goes_to_stderr(tmp_path, capsys):
    pack(source_of([tone(1)]), tmp_path / "a", 8)
    out, err = capsys.readouterr()
    assert out == "" and "pack tiny" in err and "1/1" in err


def test_memory_does_not_grow_with_the_number_of_pictures(tmp_path):
    script = textwrap.dedent(
        """
        import io, resource, sys
        import pandas as pd
        from PIL import Image
        from lib.faces.loading.pack import pack
        from lib.faces.loading.source import Source
        buffer = io.BytesIO()
        Image.new("RGB", (128, 128)).save(buffer, "PPM")
        data = buffer.getvalue()
        for n in (600, 1800):
            labels = pd.DataFrame({"image": [str(i) for i in range(n)], "split": "train"})
            labels["subject"] = labels["image"]
            pack(Source("tiny", labels, lambda i: data), f"{sys.argv[1]}/{n}", 128, workers=1, progress=False)
            print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
        """
    )
    command, environment = (
        [sys.executable, "-c", script, str(tmp_path)],
        os.environ | {"PYTHONPATH": str(ROOT)},
    )
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=True, text=True)
    few, many = map(int, done.stdout.split())
    assert many - few < 12, f"1,200 more pictures are 56 MB; peaks {few} and {many} MB"


def test_similarity_of_packed_points_is_the_identity(tmp_path):
    columns = point_columns(TEMPLATES["arcface"].points * 1.7 + 9)
    faces = pack(
        source_of([noise(220, 220)], columns=columns), tmp_path / "a", 112, crop="arcface", progress=False
    )
    matrix = similarity(faces.points[0], TEMPLATES["arcface"].points)
    np.testing.assert_allclose(matrix, [[1, 0, 0], [0, 1, 0]], atol=1e-3)
