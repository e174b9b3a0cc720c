"""Copies of the folder tool: what lies outside the replaced part is read, what lies in it is not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from lib.deidentify.attacks.attacker_trainings import Design, grid_trainings
from lib.deidentify.attacks.image_attackers import NOBODY, train_attackers
from lib.deidentify.attacks.reading_attackers import AttackReader
from lib.deidentify.attacks.result import AttackSplit
from lib.deidentify.photos.compositing import alter_each, alter_faces, protect_faces
from lib.deidentify.photos.pasting import EVEN
from lib.deidentify.protections.base import Colour, ProtectionError
from lib.deidentify.protections.baselines import Pixelate, SolidFill
from lib.evaluation.tradeoff.copy_attackers import FILE, REPLACED, CopyAttackers, copy_designs
from lib.evaluation.tradeoff.copy_readings import CopyReadings
from lib.evaluation.tradeoff.pasted_copies import (
    BLANKED,
    COPIES,
    PLANES,
    judge_scores,
    pasted_copies,
    redness,
    scores_of_judge,
)
from lib.faces.faceset import POINT_COLUMNS, FaceSet, FaceSetError
from lib.faces.grey import to_grey
from lib.faces.loading.align import MEAN_SHAPE
from lib.judges.base import Judgement
from lib.training.store.model_store import ModelStore
from lib.training.training_plan import TrainingPlan
from tests.brightness import known_architecture  # noqa: F401
from tests.exact import exactly, same_pixels

SIDE, EYES = 64, 7.0
ROWS = AttackSplit(np.arange(40), np.arange(40, 60), np.arange(60, 100))
LESSONS = AttackSplit(ROWS.train, ROWS.calibration, NOBODY)


@dataclass(frozen=True)
class Painted(SolidFill):
    """Every face alike in grey."""

    colour: Colour = "grey"

    def __call__(self, faces: np.ndarray, **labels: np.ndarray) -> np.ndarray:
        return np.full_like(faces, 140)


@pytest.fixture(scope="module")
def faces() -> FaceSet:
    """Two pictures of each subject: dark or bright hair, and a redder or paler face, by the label."""
    male = np.arange(100) // 2 % 2 == 0
    y, x = np.mgrid[:SIDE, :SIDE] - SIDE / 2
    images = np.full((100, SIDE, SIDE, 3), 128, np.uint8)
    random = np.random.default_rng(0)
    for row, image in enumerate(images):
        image[np.hypot(x, y) < 2.3 * EYES] = (30 if male[row] else 210) + random.integers(-9, 9)
        image[np.hypot(x, y) < 1.3 * EYES] = (180, 110, 110) if male[row] else (160, 120, 120)
    labels = pd.DataFrame(
        {"image": [f"i{n}" for n in range(100)], "subject": [f"s{n // 2}" for n in range(100)]}
    )
    points = (MEAN_SHAPE * EYES + SIDE / 2).reshape(10)
    labels = labels.assign(
        split="train", Male=pd.array(male, "boolean"), **dict(zip(POINT_COLUMNS, points, strict=True))
    )
    return FaceSet(images, labels, "tiny")


@pytest.fixture(scope="module")
def copies(faces):
    return pasted_copies(faces, Painted(), progress=False)


SHOWN = ("before", "face", "face_blank", "head_untinted", "head_blank", "head_red", "head_untinted_red")


@pytest.fixture(scope="module")
def read(faces, copies, tmp_path_factory):
    """What one attacker reads of each plane."""
    kept = ModelStore(tmp_path_factory.mktemp("attackers"))
    plan, seen = TrainingPlan(4, batch=8, learning_rate=0.1), copies.planes(SHOWN)
    designs = {"a": Design("brightness", plan)}
    trainings = grid_trainings(seen, LESSONS, designs)
    train_attackers(trainings, faces, kept, None, attribute="Male", augment=())
    reader = AttackReader(kept, faces, ROWS, "Male")
    return {name: reader.result(one, replicates=50) for name, one in reader.grid(seen, designs)["a"].items()}


def test_copies_are_those_of_the_tool(faces, copies):
    for row in (0, 7, 99):
        for name, paste in COPIES.items():
            done = protect_faces(
                faces.images[row], faces.points[row : row + 1].astype(float), Painted(), paste
            )
            assert same_pixels(copies.pictures[name][row], done.image)
            if name in BLANKED:
                blank = copies.pictures[BLANKED[name]][row]
                assert (blank[done.mask] == EVEN).all()
                assert exactly(blank[~done.mask], faces.images[row][~done.mask], because="bytes are copied")
    assert exactly(copies.pictures["before"], faces.images, because="the originals")
    assert 0.1 < copies.replaced["face"] < 0.4 < copies.replaced["head"] < 0.8


def test_photographs_in_batches_are_altered_as_one_by_one(renderings):
    """Faces of several sizes, so crops of several sizes too."""
    photos, points = [], []
    for one, times in zip(renderings[:5], (1, 2, 1, 3, 2), strict=True):
        photos.append(np.kron(one.image, np.ones((times, times, 1), np.uint8)))
        points.append(one.truth.points * times)
    together = alter_each(photos, np.stack(points), Pixelate(), batch=2)
    for photo, five, face in zip(photos, points, together, strict=True):
        alone = alter_faces(photo, five[None], Pixelate())[0]
        assert same_pixels(face.altered, alone.altered) and same_pixels(face.original, alone.original)
    assert len({face.altered.shape for face in together}) > 1


def test_the_face_leaves_hair_readable_and_the_head_does_not(read):
    assert read["before"].auc_free.estimate > 0.95
    assert read["face"].auc_free.estimate > 0.95 and read["face"].averaged.estimate > 0.95
    assert read["face_blank"].auc_free.estimate > 0.95, "it comes from outside"
    for name in ("head_untinted", "head_blank"):
        assert read[name].auc_free.estimate == 0.5, "nothing of the hair is left"
    assert len(read["face"].scores) == len(ROWS.test) and read["face"].learned_subjects == 20


def test_the_tint_is_read_where_it_is_pasted(read):
    assert read["head_red"].auc_free.estimate > 0.95
    assert read["head_untinted_red"].auc_free.estimate == 0.5


def test_planes(copies):
    planes = copies.planes()
    assert exactly(tuple(planes), PLANES, because="names") and len(PLANES) == 12
    assert all(plane.shape == (100, SIDE, SIDE) and plane.dtype == np.uint8 for plane in planes.values())
    assert same_pixels(planes["head"], to_grey(copies.pictures["head"]))
    assert same_pixels(planes["head_red"], redness(copies.pictures["head"]))


class Mean:
    """Judges the mean of all channels; finds no face in some pictures."""

    def __init__(self, lost: int = 0) -> None:
        self.lost = lost

    def __call__(self, images, points=None):
        assert points is not None and len(points) == len(images)
        acquired = np.arange(len(images)) >= self.lost
        values = images.reshape(len(images), -1).mean(1).astype(np.float32)
        return Judgement(np.where(acquired, values, np.nan), acquired)


def read_by(faces, said, replicates=50):
    rows = ROWS.test
    return said.result(faces.binary("Male", rows), faces.subjects[rows], replicates=replicates)


def test_judges_read_all_treatments_in_colour(faces, copies):
    said = judge_scores({"mean": Mean()}, faces, copies, ROWS, "Male")["mean"]
    assert exactly(set(said), set(copies.pictures), because="names")
    found = {name: read_by(faces, said[name]) for name in ("face", "head_untinted")}
    assert found["face"].auc_free.estimate == 1, "turned as the calibration subjects teach"
    assert found["head_untinted"].auc_free.estimate == 0.5
    assert found["face"].learned_subjects == 0


def test_pictures_without_a_face_do_not_count(faces):
    said = scores_of_judge(Mean(lost=4), faces, ROWS, "Male")
    assert len(said.scores) == len(ROWS.test)
    assert len(read_by(faces, said, 20).scores) == len(ROWS.test) - 4
    mixed = AttackSplit(NOBODY, np.arange(40, 61), ROWS.test)
    with pytest.raises(ValueError, match="two samples"):
        scores_of_judge(Mean(), faces, mixed, "Male")


def test_a_training_keeps_what_attackers_and_judges_say_and_no_network(faces, tmp_path):
    designs = copy_designs({"brightness": 1}, lambda epochs: TrainingPlan(epochs, 8, 0.01, 0))
    kept, scratch = tmp_path / "kept", tmp_path / "scratch"
    kept.mkdir()
    CopyAttackers(faces, ROWS, Painted(), designs).train({"mean": Mean()}, kept, scratch)
    assert sorted(path.name for path in kept.iterdir()) == sorted([FILE, REPLACED])
    read = CopyReadings.load(kept, faces, ROWS, replicates=20)
    assert set(read.figures["face"]) == {"attacker", "attacker, all pictures", "published network"}
    assert read.figures["before"]["attacker"].estimate > 0.95
    assert 0 < read.replaced["face"] < read.replaced["head"] < 1
    assert exactly(
        read.replaced["face"], read.replaced["face_blank"], because="the control of this very copy"
    )


def test_what_cannot_be_copied_stops(faces, tmp_path):
    labels = faces.labels.copy()
    labels.loc[3, "nose_x"] = np.nan
    with pytest.raises(FaceSetError, match="1 of 100"):
        pasted_copies(FaceSet(faces.images, labels, "tiny"), Painted(), progress=False)
    with pytest.raises(FaceSetError, match="100 of 100"):
        pasted_copies(FaceSet(faces.images, labels[["image", "subject", "split"]], "tiny"), Painted())

    @dataclass(frozen=True)
    class Idle(SolidFill):
        def __call__(self, faces, **labels):
            return faces

    with pytest.raises(ProtectionError, match="left a face as it was"):
        pasted_copies(faces.take(np.arange(3)), Idle(), progress=False)


def test_redness_is_even_where_a_picture_is_grey():
    grey = np.repeat(np.arange(256, dtype=np.uint8).reshape(1, 16, 16, 1), 3, -1)
    assert (redness(grey) == 128).all()
    assert redness(np.full((2, 4, 4, 3), (200, 90, 90), np.uint8)).min() > 128
