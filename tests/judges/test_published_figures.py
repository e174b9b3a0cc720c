"""The published networks give, through this project's code, the figures that were measured with them."""

from __future__ import annotations

import csv
import io
import tarfile
from pathlib import Path

import cv2
import numpy as np
import pytest

from lib.faces.faceset import EXPRESSIONS
from lib.faces.loading.adapters import fer2013, lfw
from lib.judges.published_networks import Networks, published_judge, yunet
from lib.judges.subject_face import SubjectFaces, find_subject_faces
from lib.measures.lfw_protocol import folded_accuracy
from lib.measures.pairs import Pairs, pair_scores
from lib.measures.roc import auc

pytestmark = [pytest.mark.real, pytest.mark.slow]

PAIRS = 1_800


@pytest.fixture(scope="module")
def networks(published: Path) -> Networks:
    return Networks(published)


class Lfw:
    """The first 1,800 official pairs, their pictures, and the points that YuNet finds in them."""

    def __init__(self, path: Path, networks: Networks) -> None:
        source = lfw.read(path)
        self.table = lfw.pairs(path)[0].iloc[:PAIRS]
        names = sorted({*self.table["left"], *self.table["right"]})
        rows = dict(zip(source.labels["image"], range(len(source)), strict=True))
        wanted = sorted(rows[name] for name in names)
        self.images = np.stack([source.open(row) for row in wanted])
        self.found: SubjectFaces = find_subject_faces(self.images, yunet(networks))
        place = {source.labels["image"][row]: at for at, row in enumerate(wanted)}
        left, right = (self.table[side].map(place).to_numpy() for side in ("left", "right"))
        self.pairs = Pairs(left, right, self.table["same"].to_numpy(bool), "official pairs")


@pytest.fixture(scope="module")
def official(photographs: Path, networks: Networks) -> Lfw:
    return Lfw(photographs / "lfw.tar", networks)


def test_yunet_finds_the_faces_of_lfw(official: Lfw) -> None:
    assert official.found.found.mean() > 0.999


@pytest.mark.parametrize(
    ("name", "pairs", "area", "accuracy"),
    [
        ("identity_reid0095", 1800, 0.9999, 0.996),
        ("identity_mobilefacenet_y1", 1800, 0.9998, 0.993),
        ("identity_mobilefacenet_casia", 1200, 0.9986, 0.983),
    ],
)
def test_identity_on_lfw(
    official: Lfw, networks: Networks, name: str, pairs: int, area: float, accuracy: float
) -> None:
    part = official.pairs
    part = Pairs(part.first[:pairs], part.second[:pairs], part.mated[:pairs], part.how)
    used = np.unique(np.r_[part.first, part.second])
    judgement = published_judge(name, networks)(official.images[used], official.found.points[used])
    embeddings = np.full((len(official.images), judgement.values.shape[1]), np.nan, np.float32)
    embeddings[used] = judgement.values
    scores = pair_scores(part, embeddings)
    there = ~np.isnan(scores)
    measured = auc(scores[there & ~part.mated], scores[there & part.mated])
    folds = folded_accuracy(scores, part.mated, official.table["fold"].to_numpy()[:pairs])
    print(f"\n{name}: AUC {measured:.4f}, accuracy {folds.mean:.4f}, {folds.failed} pairs without a face")
    assert measured == pytest.approx(area, abs=0.001)
    assert folds.mean == pytest.approx(accuracy, abs=0.005)


def _official_csv(pack: Path, usage: str, out: Path) -> Path:
    """The challenge's csv, one part of it, from the sheets in which the pack keeps the pictures."""
    with tarfile.open(pack) as tar:
        members = {Path(member.name).name: member for member in tar}

        def read(name: str) -> bytes:
            file = tar.extractfile(members[name])
            assert file is not None
            return file.read()

        rows = [
            r for r in csv.DictReader(io.StringIO(read("fer2013_index.csv").decode())) if r["Usage"] == usage
        ]
        sheets = {
            name: cv2.imdecode(np.frombuffer(read(Path(name).name), np.uint8), cv2.IMREAD_GRAYSCALE)
            for name in {r["sheet"] for r in rows}
        }
    with out.open("w") as file:
        file.write("emotion,pixels,Usage\n")
        for r in rows:
            y, x = 48 * (int(r["tile"]) // 40), 48 * (int(r["tile"]) % 40)
            tile = sheets[r["sheet"]][y : y + 48, x : x + 48]
            file.write(f"{r['emotion']},{' '.join(map(str, tile.ravel()))},{usage}\n")
    return out


@pytest.fixture(scope="module", params=["PublicTest", "PrivateTest"])
def fer(photographs: Path, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest):
    path = tmp_path_factory.mktemp("fer") / "fer2013.csv"
    source = fer2013.read(_official_csv(photographs / "fer2013.tar", request.param, path))
    images = np.stack([source.open(row) for row in range(len(source))])
    true = source.labels["expression"].map(EXPRESSIONS.index).to_numpy()
    assert len(images) == 3589
    return request.param, images, true


@pytest.mark.parametrize(
    ("name", "step", "public", "private"),
    [("mini_xception", 1, 0.655, 0.654), ("big_xception", 1, 0.656, 0.668), ("dense", 3, 0.561, 0.588)],
)
def test_emotion_on_fer(fer, networks: Networks, name: str, step: int, public: float, private: float) -> None:
    usage, images, true = fer
    values = published_judge(f"emotion_{name}", networks).framed(images[::step]).values
    accuracy = (values.argmax(1) == true[::step]).mean()
    print(f"\nemotion_{name} on {usage}: accuracy {accuracy:.4f}")
    assert accuracy == pytest.approx(public if usage == "PublicTest" else private, abs=0.005)
