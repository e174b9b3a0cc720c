"""What the page of matching takes from results, shows and declares."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from lib.evaluation.matching.comparisons import MatchingTest
from lib.evaluation.matching.page_figures import figure15, kept_figures, shown_matchers, top_picture
from lib.evaluation.matching.treated_faces import MatchingParts
from lib.measures.estimate import Estimate
from tests.evaluation.matching.embedded_people import CARD, people


def test_points_are_hundredths_and_matchers_have_words():
    kept = {"lfw": {"tmr_loss": {"unseen_dlib": {"op": Estimate(0.2, 0.1, 0.3, 50).to_dict()}}}}
    (record,) = kept_figures(kept, "tmr_loss", {"op": "OP"}, most=1)
    assert record["figure"].estimate == pytest.approx(20) and record["series"] == "dlib's matcher"
    assert record["set"] == "LFW"


def test_the_report_has_its_own_curves_in_its_figure():
    noise = {f"{network}{kind}": 0.5 for network in ("", "report_") for kind in ("sm", "nt", "op")}
    plain = {"before": 0.1}
    test = MatchingTest(
        CARD, people(12, "t", 1, noise), people(12, "t", 2, plain), people(20, "st", 3, plain), seed=4
    )
    found = figure15(test, 3, np.array([0.1, 1.0]), replicates=20)
    assert list(found) == [
        "report, 1 − y: 3 men, 3 women (report: 400)", "report, 1 − y: all 12 subjects",
        "ours: 3 men, 3 women (report: 400)", "ours: all 12 subjects",
    ]  # fmt: skip
    assert all(list(bands) == ["sm", "nt", "op"] for bands in found.values())


def test_a_figure_shows_held_out_matchers_first():
    names = ["trained_matcher", "unseen_dlib", "published_reid0095", "published_mobilefacenet_casia"]
    assert shown_matchers(names) == ["unseen_dlib", "published_mobilefacenet_casia", "published_reid0095"]
    assert shown_matchers(names[:2]) == ["unseen_dlib", "trained_matcher"]


class Mean:
    """Embeds a picture by its mean grey level."""

    card = SimpleNamespace(comparison="euclidean")

    def __call__(self, images, points):
        return SimpleNamespace(values=images.mean(axis=(1, 2, 3))[:, None])


def faces(names: str, publishable: bool = True) -> SimpleNamespace:
    male = np.arange(len(names)) % 2 == 1
    return SimpleNamespace(
        subjects=np.array(list(names)), points=None, publishable=publishable, binary=lambda _: male
    )


def flat(*levels: int) -> np.ndarray:
    return np.array(levels, np.uint8)[:, None, None] + np.zeros((1, 2, 2), np.uint8)


def test_the_top_picture_is_scored_beside_another_photo_of_the_same_subject():
    own = {"before": flat(0, 10, 20), "op": flat(5, 10, 20)}
    probes = SimpleNamespace(pictures=own, faces=faces("abc"))
    gallery = SimpleNamespace(pictures={"before": flat(40, 30, 50, 60)}, faces=faces("bacc"))
    parts = MatchingParts(probes, gallery, None)
    top = top_picture(parts, own, Mean(), gallery_too=True)
    assert {name: one[:, 0, 0].tolist() for name, one in top.pictures.items()} == {
        "gallery": [30, 40], "before": [0, 10], "op": [5, 10],
    }  # fmt: skip
    assert [top.caption("op", at) for at in (0, 1)] == ["distance 25.00", "distance 30.00"]
    assert "gallery" not in top_picture(parts, own, Mean(), count=1).pictures
    photographs = SimpleNamespace(pictures=own, faces=faces("abc", publishable=False))
    assert top_picture(parts._replace(probes=photographs), own, Mean()) is None
