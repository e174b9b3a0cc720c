from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lib.faces.loading.align import align
from lib.files import sha256_of
from lib.judges import published_cards_and_crops, published_networks
from lib.judges.base import JudgeError
from lib.judges.published_networks import Networks, PublishedJudge, published_judge
from lib.judges.registry import published_judges
from lib.judges.weights import checked, package_folder
from tests.judges.tiny_networks import reddest

ROOT = Path(__file__).resolve().parents[2]
NAME = "gender_mini_xception"


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PublishedJudge:
    """A published gender network that calls red pictures male."""
    digest = sha256_of(reddest(tmp_path / f"{NAME}.npz"))
    monkeypatch.setitem(published_cards_and_crops.SHA256, NAME, digest)
    recipe = published_cards_and_crops.RECIPES[NAME]
    recipe = replace(recipe, card=replace(recipe.card, colour="rgb"))
    return PublishedJudge(recipe, Networks(tmp_path))


def faces(reds: list[int]) -> tuple[np.ndarray, np.ndarray]:
    images = np.zeros((len(reds), 80, 80, 3), np.uint8)
    images[..., 0] = np.array(reds)[:, None, None]
    points = np.array([[30, 30], [50, 30], [40, 40], [32, 52], [48, 52]], np.float32)
    return images, np.repeat(points[None], len(reds), 0)


def test_higher_is_more_male_and_the_missing_are_missing(tiny: PublishedJudge) -> None:
    images, points = faces([255, 0, 51])
    points[1] = np.nan
    judgement = tiny(images, points)
    np.testing.assert_allclose(judgement.values, [1, np.nan, 0.2], atol=1e-4)
    assert judgement.acquired.tolist() == [True, False, True]


def test_the_whole_picture_is_no_crop(tiny: PublishedJudge) -> None:
    images, _ = faces([255])
    with pytest.raises(JudgeError, match="needs five points"):
        tiny(images)
    assert tiny.framed(images).values.tolist() == [1]


def test_the_crop_is_the_card_s(tiny: PublishedJudge) -> None:
    generator = np.random.default_rng(0)
    images, points = faces([0])
    images = generator.integers(0, 256, images.shape, np.uint8)
    template = published_cards_and_crops.RECIPES[NAME].template
    expected = align(images[0], points[0], template).astype(np.float32) / 255
    np.testing.assert_allclose(tiny.crops(images, points)[0], expected)
    eyes = template.points[1, 0] - template.points[0, 0]
    assert eyes == pytest.approx(0.2 * 64) and tiny.card.crop == "A(0.2, 0.5)"


def test_a_publisher_who_adds_the_mirrored_crop_gets_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def embedding(crops: np.ndarray) -> np.ndarray:
        """Mean of the left and of the right half, of length 1."""
        halves = np.stack([crops[:, :, :32].mean((1, 2, 3)), crops[:, :, 32:].mean((1, 2, 3))], axis=1)
        return halves / np.linalg.norm(halves, axis=1, keepdims=True)

    recipe = published_cards_and_crops.RECIPES["gender_ssrnet_imdb"]
    images, points = faces([250, 20])
    images[:, :, : images.shape[2] // 2] //= 2
    plain, mirrored = (
        PublishedJudge(replace(recipe, mirrored=one), Networks(tmp_path)) for one in (False, True)
    )
    for judge in (plain, mirrored):
        monkeypatch.setattr(judge, "score", embedding)
    once, both = plain.as_published(images, points), mirrored.as_published(images, points)
    np.testing.assert_allclose(once.values, plain(images, points).values, rtol=1e-5, atol=1e-6)
    assert both.values.shape == (2, 4) and not np.allclose(once.values[:, 0], once.values[:, 1])
    np.testing.assert_allclose(
        both.values * np.sqrt(2), np.hstack([once.values, once.values[:, ::-1]]), atol=1e-5
    )


def test_grey_judges_see_luma(tiny: PublishedJudge) -> None:
    grey = PublishedJudge(published_cards_and_crops.RECIPES[NAME], tiny._networks)
    images, points = faces([255])
    crop = grey.crops(images, points)
    assert crop.shape == (1, 64, 64, 1)
    np.testing.assert_allclose(crop, 0.299, atol=1e-3)


def test_orientation_of_every_gender_network() -> None:
    """Read off a face that each network calls male with certainty, in its publisher's order of classes."""
    female_male, male_female = np.array([[0.1, 0.9]]), np.array([[0.9, 0.1]])
    said = {
        "mini_xception": female_male,
        "plain_cnn": female_male,
        "mobilenet025": female_male,
        "tinyxception": male_female,
        "ssrnet_imdb": np.array([[0.9]]),
        "ssrnet_wiki": np.array([[0.9]]),
    }
    for name, y in said.items():
        recipe = published_cards_and_crops.RECIPES[f"gender_{name}"]
        assert recipe.read(y)[0] > recipe.card.threshold > recipe.read(1 - y)[0], name


def test_emotions_come_in_the_house_s_order() -> None:
    from lib.faces.faceset import EXPRESSIONS

    order = ["neutral", "happy", "sad", "angry", "fear", "disgust", "surprise"]
    read = published_cards_and_crops.RECIPES["emotion_dense"].read(np.arange(7)[None])[0]
    assert [order[at] for at in read] == list(EXPRESSIONS)


def test_no_folder_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(published_networks.VARIABLE, raising=False)
    with pytest.raises(JudgeError, match="no folder is named.*FACEVALUE_PUBLISHED.*dlib, mtcnn"):
        Networks()
    monkeypatch.setenv(published_networks.VARIABLE, str(tmp_path / "nowhere"))
    with pytest.raises(JudgeError, match="nowhere is no folder"):
        published_judges()


def test_a_wrong_file_is_named_before_any_work(tmp_path: Path) -> None:
    reddest(tmp_path / "age_gender_mobilenet025.npz")
    with pytest.raises(JudgeError, match=r"age_gender_mobilenet025.npz is not the file.*copy the folder"):
        published_judges(tmp_path)
    with pytest.raises(JudgeError, match=r"gender_plain_cnn.npz is missing"):
        published_judge("gender_plain_cnn", Networks(tmp_path)).score(np.zeros((1, 224, 224, 1)))


def test_unknown_names_are_refused(tmp_path: Path) -> None:
    with pytest.raises(JudgeError, match="no published judge 'gender_best'"):
        published_judge("gender_best", Networks(tmp_path))
    with pytest.raises(JudgeError, match="no published network 'best'"):
        Networks(tmp_path).graph("best")


def test_hashes_are_checked(tmp_path: Path) -> None:
    file = tmp_path / "w.dat"
    file.write_bytes(b"abc")
    digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert checked(file, digest, "fetch it again") == file
    with pytest.raises(JudgeError, match="w.dat is not the file.*fetch it again"):
        checked(file, digest[::-1], "fetch it again")


def test_a_missing_package_is_named() -> None:
    with pytest.raises(JudgeError, match="no_such_package is not installed"):
        package_folder("no_such_package")


GRADIENT = """
import sys
import numpy as np, tensorflow as tf
from lib.judges.published_networks import Networks
for name in ("gender_mini_xception", "emotion_mini_xception"):
    graph = Networks(sys.argv[1]).graph(name)
    x = tf.constant(np.random.default_rng(0).random((4, 64, 64, 1)), tf.float32)
    for _ in range(3):
        with tf.GradientTape() as tape:
            tape.watch(x)
            loss = tf.reduce_sum(next(iter(graph(x).values()))[:, 0])
        gradient = tape.gradient(loss, x).numpy()
    print(float(np.abs(gradient).sum()))
"""


@pytest.mark.real
@pytest.mark.slow
def test_gradients_of_the_mini_xceptions_do_not_crash(published: Path) -> None:
    """With oneDNN on they used to corrupt memory; now they equal those without oneDNN."""
    sums = []
    for switch in ("1", "0"):
        done = subprocess.run(
            [sys.executable, "-c", GRADIENT, str(published)],
            cwd=ROOT,
            env={**os.environ, "TF_ENABLE_ONEDNN_OPTS": switch},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        sums.append([float(line) for line in done.stdout.split()])
    np.testing.assert_allclose(sums[0], sums[1], rtol=1e-4)
    assert min(sums[0]) > 0


@pytest.mark.real
def test_every_published_judge_answers(published: Path, world) -> None:
    judges = published_judges(published)
    part = world.take(range(4))
    points = np.array(part.points)
    points[0] = np.nan
    for name, judge in judges.items():
        if name == "yunet":
            assert all(len(faces) for faces in judge.many(part.images))
            continue
        meta = judge._networks.graph(judge._recipe.network).meta
        height, width, channels = meta["input"]["size"]
        assert judge.card.size == (height, width)
        assert judge.card.colour == ("grey" if channels == 1 else "rgb")
        judgement = judge(part.images, points)
        assert judgement.acquired.tolist() == [False, True, True, True]
        if judge.card.task == "emotion":
            np.testing.assert_allclose(judgement.values[1:].sum(1), 1, atol=1e-4)
        if judge.card.task == "identity":
            np.testing.assert_allclose(np.linalg.norm(judgement.values[1:], axis=1), 1, atol=1e-4)
    prototypes = Networks(published).prototypes()
    assert prototypes["male"].shape == (224, 224, 3) and prototypes["points"].shape == (5, 2)
