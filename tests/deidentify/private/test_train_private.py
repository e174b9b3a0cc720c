"""`ours_private` made from a set of faces, in small."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lib.deidentify.private.config import PrivateConfig
from lib.deidentify.private.guidance import guidance_from_matcher, guidance_from_template
from lib.deidentify.private.train_private import train_private
from lib.faces.faceset import FaceSet
from lib.faces.loading.align import crop_template
from lib.judges.book_networks import MatcherJudge
from lib.networks.matcher import matcher
from lib.training.loop.device import set_determinism
from tests.exact import same_pixels

SIZE, EACH = 32, 3
MATCHER = {"size": SIZE, "dimensions": 6, "widths": (4, 8)}
RECIPE = PrivateConfig(
    ("protection", "unseen"), (1, 2), 0.9, 0.9, 1, 1e-3, 1, 1e-3, {"pixel": 4, "matching": 1}, 16, 0,
    widths=(8, 8, 8, 4, 4),
)  # fmt: skip


@pytest.fixture(scope="module")
def crowd():
    """240 subjects of three pictures: a tone of their own, and noise."""
    random = np.random.default_rng(0)
    subject = np.repeat(np.arange(240), EACH)
    tone = random.integers(40, 200, (240, 4, 4, 1))[subject].repeat(8, 1).repeat(8, 2)
    pictures = np.clip(tone + random.normal(0, 12, (len(subject), SIZE, SIZE, 1)), 0, 255).astype(np.uint8)
    labels = pd.DataFrame(
        {"image": [f"i{n}" for n in range(len(subject))], "subject": [f"s{n}" for n in subject]}
    )
    labels["split"] = np.where(subject < 180, "train", np.where(subject < 220, "validation", "test"))
    labels["Male"] = pd.array(subject % 3 == 1, dtype="boolean")
    return FaceSet(pictures.repeat(3, -1), labels, "crowd")


def test_all_parts_are_made_and_come_back(crowd, tmp_path):
    set_determinism(0)
    network = matcher(**MATCHER)
    made = train_private(
        crowd,
        MatcherJudge(network, trained_on="nothing", settings=MATCHER),
        [guidance_from_matcher(network, SIZE)],
        RECIPE,
        tmp_path / "checkpoints",
        attribute="Male",
    )
    assert [one.removed for one in made.tried] == list(RECIPE.removed) and made.removed in RECIPE.removed
    assert list(made.course["epoch"]) == [1, 2] and made.course["matching"].iloc[0] == 0
    faces = crowd.images[:5, ..., :1]
    shown = made.private(faces)
    assert shown.shape == faces.shape and shown.dtype == np.uint8
    made.private.save(tmp_path / "private")
    assert same_pixels(type(made.private).load(tmp_path / "private")(faces), shown)


def test_a_role_that_nobody_has_is_refused(crowd, tmp_path):
    network = matcher(**MATCHER)
    recipe = PrivateConfig(**{**vars(RECIPE), "roles": ("nobody",)})
    with pytest.raises(ValueError, match="role must be one of"):
        train_private(
            crowd,
            MatcherJudge(network, trained_on="nothing"),
            [guidance_from_matcher(network, SIZE)],
            recipe,
            tmp_path,
            attribute="Male",
        )


def test_a_smaller_generator_with_a_witness_of_another_crop_gives_pictures_of_the_faces_size(crowd, tmp_path):
    set_determinism(0)
    network, looked = matcher(**MATCHER), []

    def at(template):
        looked.append(template.size)
        return guidance_from_matcher(network, template.size[0]).seen

    template = crop_template(0.32, 0.55, (SIZE, SIZE))
    recipe = PrivateConfig(**{**vars(RECIPE), "side": 16, "most": 2})
    witnesses = [guidance_from_template(at, template, recipe.side)]
    made = train_private(
        crowd, Counted(network), witnesses, recipe, tmp_path, attribute="Male", template=template
    )
    assert looked == [(SIZE, SIZE), (16, 16)]
    assert made.private.generator.output_shape[1:3] == (16, 16)
    assert made.private(crowd.images[:5, ..., :1]).shape == (5, SIZE, SIZE, 1)


class Counted(MatcherJudge):
    """A recogniser that is not shown more than two pictures of each training subject, and no test subject."""

    def __init__(self, network):
        super().__init__(network, trained_on="nothing")

    def __call__(self, images, points=None):
        assert len(images) <= 180 * 2 + 40 * EACH
        return super().__call__(images, points)
