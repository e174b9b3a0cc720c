"""What is painted is what the protections paint; rows are drawn as they should be."""

import numpy as np
import pandas as pd
import pytest

from lib.deidentify.cleanir.codec import CleanirCodec
from lib.deidentify.cleanir.identities import IdentityDistribution
from lib.deidentify.cleanir.protection import NewIdentity, RotatedIdentity
from lib.evaluation.kept_attributes.methods import k_same_pictures
from lib.evaluation.kept_attributes.repainted import (
    expression_rows,
    once_in_test,
    photograph_sets,
    repaint,
    stored_cleaner,
)
from lib.faces.faceset import EXPRESSIONS, FaceSet
from lib.faces.loading.align import crop_template
from lib.networks.cleanir import cleanir_decoder, cleanir_encoder
from lib.training.loop.device import set_determinism
from tests.evaluation.kept_attributes.small_faces import small_faces
from tests.exact import exactly


@pytest.fixture(scope="module")
def codec() -> CleanirCodec:
    set_determinism(0)
    halves = {"identity": 6, "attributes": 10, "width": 1 / 16}
    return CleanirCodec(
        cleanir_encoder(32, **halves),
        cleanir_decoder(32, **halves),
        IdentityDistribution(np.zeros(6), np.eye(6)),
    )


def test_pictures_are_those_of_the_protections(codec):
    images = np.random.default_rng(0).integers(0, 256, (5, 32, 32, 3), dtype=np.uint8)
    made = repaint(codec, codec, images, [0, 90], key="k")
    assert list(made) == ["original", "0", "90", "ours", "ours_reconstruction"]
    for angle in (0, 90):
        wanted = RotatedIdentity(codec, key="k", angle=angle)(images)
        assert np.abs(made[str(angle)].astype(int) - wanted).max() <= 1
    assert np.abs(made["ours"].astype(int) - NewIdentity(codec, key="k")(images)).max() <= 1
    assert np.abs(made["0"].astype(int) - made["ours_reconstruction"]).max() <= 1
    assert (made["original"] == images).all()


def test_with_a_cleaner_ours_is_painted_from_cleaned_attributes(codec):
    images = np.random.default_rng(0).integers(0, 256, (5, 32, 32, 3), dtype=np.uint8)
    plain = repaint(codec, codec, images, [0])
    cleaned = repaint(codec, codec, images, [0], cleaner=lambda halves: np.zeros_like(halves))
    assert np.abs(cleaned["new"].astype(int) - plain["ours"]).max() <= 1
    identities = NewIdentity(codec).identities(images)
    wanted = codec.decode(identities, np.zeros((5, 10)))
    assert np.abs(cleaned["ours"].astype(int) - wanted).max() <= 1


def test_a_cleaner_that_nobody_fitted_is_none(tmp_path):
    def missing():
        raise KeyError("08")

    assert stored_cleaner(missing, KeyError) is None and stored_cleaner(lambda: tmp_path, KeyError) is None


def test_k_same_averages_and_select_stays_with_the_expression(codec):
    faces = small_faces(9)
    own, others = faces.take(np.arange(14)), faces.take(np.arange(14, 63))
    made = k_same_pictures(codec, own, others, 2)
    assert set(made) == {"k-Same", "k-Same-Select"}
    code = made["k-Same-Select"][:, 0, 0, 0]
    # the first pixel tells the expression
    assert exactly(code, own.images[:, 0, 0, 0], because="the mean of equal whole numbers")
    few = k_same_pictures(codec, own, others, 8)  # seven of each expression: too few to select from
    assert exactly(few["k-Same-Select"], few["k-Same"], because="a copy")


def test_rows_are_of_the_test_part_and_show_each_expression_equally_often():
    faces = small_faces()
    rows = expression_rows(faces, 14, 0)
    drawn = faces.labels.iloc[rows]
    assert (drawn["split"] == "test").all() and (drawn["expression"].value_counts() == 2).all()
    assert len(expression_rows(faces, 0, 0)) == 28


def test_rows_of_a_set_without_expressions_are_any():
    faces = small_faces()
    plain = FaceSet(faces.images, faces.labels.drop(columns="expression"), "celeba")
    assert len(expression_rows(plain, 10, 0)) == 10


def fer(tmp_path):
    """Ten rows of the challenge's csv: one test picture is in training, and one occurs twice in the test."""
    random = np.random.default_rng(0)
    pixels = [" ".join(map(str, random.integers(0, 256, 48 * 48))) for _ in range(10)]
    pixels[6] = pixels[0]
    pixels[8] = pixels[7]
    usage = ["Training"] * 3 + ["PublicTest"] * 2 + ["PrivateTest"] * 5
    table = pd.DataFrame({"emotion": np.arange(10) % 7, "pixels": pixels, "Usage": usage})
    path = tmp_path / "fer2013.csv"
    table.to_csv(path, index=False)
    return path


def test_pictures_of_fer_that_occur_elsewhere_are_left_out_and_doubles_count_once(tmp_path):
    named = {"fer2013": str(fer(tmp_path)), "jaffe": ""}
    where = {"size": 64, "aligned": (0.28, 0.52), "cache": tmp_path / "cache"}
    faces = photograph_sets(named, **where)["fer2013"]
    assert [name.partition("_")[0] for name in faces.labels["image"]] == ["PrivateTest"] * 3
    assert faces.labels["expression"].tolist() == [EXPRESSIONS[k] for k in (5, 0, 2)]


def test_pictures_of_fer_are_placed_by_their_frame(tmp_path):
    named = {"fer2013": str(fer(tmp_path)), "jaffe": ""}
    where = {"size": 64, "aligned": (0.28, 0.52), "cache": tmp_path / "cache"}
    faces = photograph_sets(named, **where)["fer2013"]
    wanted = crop_template(0.28, 0.52, (64, 64)).points
    assert faces.images.shape == (3, 64, 64, 3)
    assert np.allclose(faces.points, wanted[None], atol=1e-3)


def test_a_set_without_doubles_loses_nothing():
    faces = small_faces()
    images = np.random.default_rng(0).integers(0, 256, faces.images.shape, dtype=np.uint8)
    assert len(once_in_test(faces.with_images(images))) == 28
