"""What halves hold, on faces of which it is known: the first numbers of a picture are whose it is."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from lib.deidentify.cleanir.codec import Halves
from lib.deidentify.cleanir.identities import IdentityDistribution
from lib.evaluation.halves import words
from lib.evaluation.halves.read_halves import blended, cosine_means, donors, excess_nats, read_halves
from lib.evaluation.halves.sheets import spaced_subjects, swap_sheet
from lib.faces.faceset import FaceSet
from lib.measures.estimate import Estimate

DRAWS = {"replicates": 50, "seed": 0}
SIDE, DIMENSION = 8, 3


def painted(identity: np.ndarray, attributes: np.ndarray) -> np.ndarray:
    """Pictures whose first row of pixels holds the identity, the second the attributes."""
    faces = np.full((len(identity), SIDE, SIDE, 3), 128, np.uint8)
    for row, half in enumerate((identity, attributes)):
        faces[:, row, :DIMENSION] = np.rint(128 + 100 * half)[..., None].astype(np.uint8)
    return faces


def rows_of(images: np.ndarray, row: int) -> np.ndarray:
    return (images[:, row, :DIMENSION, 0].astype(float) - 128) / 100


class Codec:
    """Reads both halves from where they are painted; `leaky` puts the identity into the attributes too."""

    dimension = DIMENSION
    identities = IdentityDistribution(np.zeros(DIMENSION), np.eye(DIMENSION))

    def __init__(self, *, leaky: bool = False, deaf: bool = False) -> None:
        self.leaky, self.deaf = leaky, deaf

    def encode(self, images):
        identity, attributes = rows_of(images, 0), rows_of(images, 1)
        return Halves(identity, identity if self.leaky else attributes)

    def decode(self, identity, attributes):
        identity = identity / np.linalg.norm(identity, axis=1, keepdims=True)
        return painted(attributes if self.deaf else identity, np.zeros_like(attributes))


class Recogniser:
    """Reads the identity where it is painted."""

    card = SimpleNamespace(needs=(), name="reader")

    def __call__(self, images, points=None):
        return SimpleNamespace(values=rows_of(images, 0))


@pytest.fixture(scope="module")
def faces() -> FaceSet:
    rng = np.random.default_rng(0)
    people = rng.normal(size=(12, DIMENSION))
    people /= np.linalg.norm(people, axis=1, keepdims=True)
    mine = people.repeat(2, axis=0) + rng.normal(size=(24, DIMENSION)) * 0.02
    mine /= np.linalg.norm(mine, axis=1, keepdims=True)
    labels = pd.DataFrame(
        {
            "image": np.arange(24).astype(str),
            "subject": np.repeat(np.arange(12), 2).astype(str),
            "split": "test",
        }
    )
    return FaceSet(painted(mine, rng.uniform(-1, 1, (24, DIMENSION))), labels, "rendered", publishable=True)


def test_a_codec_that_takes_apart_shows_the_donor_and_tells_nothing_by_attributes(faces):
    found = read_halves(Codec(), faces, Recogniser(), **DRAWS).figures
    assert found["shows_donor"].estimate == 1 and found["shows_donor"].low < 1, "never certain"
    assert found["identity_auc"].estimate > 0.99 and abs(found["attributes_auc"].estimate - 0.5) < 0.25
    assert found["cosine_distance"].estimate < 0.01
    assert set(found) == set(words.MEASURES)


def test_a_codec_that_leaks_or_does_not_listen_is_found_out(faces):
    assert (
        read_halves(Codec(leaky=True), faces, Recogniser(), **DRAWS).figures["attributes_auc"].estimate > 0.99
    )
    deaf = read_halves(Codec(leaky=True, deaf=True), faces, Recogniser(), **DRAWS)
    assert deaf.figures["shows_donor"].estimate == 0, "it paints whose attributes it was given"
    assert np.all(deaf.cosines["swapped"] > deaf.cosines["donor"])


def test_donors_are_other_subjects(faces):
    donor = donors(faces.subjects, 3)
    assert np.all(faces.subjects[donor] != faces.subjects)
    with pytest.raises(ValueError, match="two subjects or more"):
        donors(np.array(["a", "a"]), 0)


def test_excess_is_the_divergence_of_pixels_by_hand():
    one, other = (np.full((1, 1, 1, 1), value, np.uint8) for value in (51, 102))  # .2 and .4
    by_hand = 0.2 * np.log(0.2 / 0.4) + 0.8 * np.log(0.8 / 0.6)
    assert excess_nats(one, other) == pytest.approx(by_hand, rel=1e-6)
    assert excess_nats(one, one) == pytest.approx(0)
    assert words.own_entropy(one) == pytest.approx(-(0.2 * np.log(0.2) + 0.8 * np.log(0.8)), rel=1e-6)


def test_the_way_from_one_identity_to_another_has_both_ends(faces):
    codec = Codec()
    read = read_halves(codec, faces, Recogniser(), **DRAWS)
    rows = np.array([0, 7])
    first, half, last = (rows_of(one, 0) for one in blended(codec, read, rows, [0, 0.5, 1]))
    own, given = read.halves.identity[rows], read.halves.identity[read.donor[rows]]
    assert np.allclose(first, own, atol=0.02) and np.allclose(last, given, atol=0.02)
    assert np.allclose(np.sum(half * own, 1), np.sum(half * given, 1), atol=0.03), "half of the angle"


def test_strangers_share_no_direction_once_the_mean_is_gone(faces):
    means = cosine_means(Recogniser(), faces, np.zeros(DIMENSION))
    assert means["mated"] > 0.99 and means["raw"] == pytest.approx(means["centred"], abs=1e-6)
    told = words.cosine_words({"raw": 0.881, "centred": -0.0001})
    assert told == {"raw_cosine": "0.88", "centred_cosine": "0.00"}


def test_the_sheet_has_all_trainings_and_none_of_people(faces):
    read = read_halves(Codec(), faces, Recogniser(), **DRAWS)
    rows = spaced_subjects(faces, 3)
    assert len(set(faces.subjects[rows])) == 3
    sheet = swap_sheet({"source": read, "ours": read}, faces, rows)
    assert list(sheet.pictures) == [
        "face", "donor", "source rebuilt", "source swapped", "ours rebuilt", "ours swapped",
    ]  # fmt: skip
    assert "donor" in sheet.caption("ours swapped", 0) and "donor" not in sheet.caption("ours rebuilt", 0)
    people = FaceSet(faces.images, faces.labels, "celeba")
    assert swap_sheet({"source": read}, people, rows) is None, "no photograph of a person"


def test_words_follow_the_figures():
    clear, dull, wide = (
        Estimate(*one, 50) for one in ((0.8, 0.75, 0.85), (0.52, 0.48, 0.56), (0.6, 0.5, 0.7))
    )
    said = [words.leak_words({"attributes_auc": one}) for one in (clear, dull, wide)]
    assert [one.split(" (")[0] for one in said] == [
        "still tells subjects apart", "hardly tells subjects apart", "may still tell subjects apart a little",
    ]  # fmt: skip
    figures = dict.fromkeys(words.MEASURES, dull)
    told = words.page_words({"source": figures, "ours": figures}, {})
    assert told["ours_donor"] == "52% [48%, 56%]" and told["photographs"] == words.NOT_YET
    told = words.page_words(
        {"source": figures, "ours": figures}, {"celeba": {"source": figures, "ours": figures}}
    )
    assert "52% [48%, 56%] with ours" in told["photographs"]
    table = words.halves_table(
        words.in_both_worlds({"rendered": {"source": figures}}, {"celeba": {"ours": figures}})
    )
    assert list(table)[1:] == ["paper's losses, rendered faces", "ours, CelebA"] and len(table) == 6
    assert set(words.recipes_table({"rendered": {"ours": figures}})["measure"]) == set(words.MEASURES)
