"""What ships from photographs: prototypes at any size, a classifier at its own, nothing where nothing is."""

from __future__ import annotations

import numpy as np
import pytest
from skimage import data

from lib.book import paths
from lib.evaluation.san.shipped import shipped_gender, shipped_prototypes
from lib.faces.loading.align import align, crop_template
from lib.judges.dlib_detector import DlibFrontal

ships = pytest.mark.skipif(not (paths.WEIGHTS / "cards.json").exists(), reason="no networks were fetched")


def test_where_nothing_ships_there_is_nothing(tmp_path):
    assert shipped_prototypes(tmp_path, 112) == (None, 0) and shipped_gender(tmp_path, 112) is None


@ships
def test_prototypes_are_means_of_many_at_every_size():
    means, subjects = shipped_prototypes(paths.WEIGHTS, 112)
    small, _ = shipped_prototypes(paths.WEIGHTS, 56)
    assert means.shape == (3, 112, 112, 3) and small.shape == (3, 56, 56, 3) and subjects >= 100
    np.testing.assert_allclose(small.mean((1, 2)), means.mean((1, 2)), atol=0.1)
    share = np.sum((means[2] - means[1]) * (means[0] - means[1])) / np.sum((means[0] - means[1]) ** 2)
    np.testing.assert_allclose(means[2], share * means[0] + (1 - share) * means[1], atol=0.01)


@ships
def test_the_classifier_reads_its_own_size_alone():
    assert shipped_gender(paths.WEIGHTS, 64) is None
    read = shipped_gender(paths.WEIGHTS, 112)
    photograph = np.asarray(data.astronaut())
    template = crop_template(0.32, 0.55, (112, 112))
    face = align(photograph, DlibFrontal()(photograph).points[0], template)
    assert read.certainty(face[None])[0] < 0.5
    means, _ = shipped_prototypes(paths.WEIGHTS, 112)
    female, male, _ = read.certainty(np.rint(means).astype(np.uint8))
    assert female < 0.5 < male
