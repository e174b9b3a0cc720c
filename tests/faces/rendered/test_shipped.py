"""The pack that ships is what the renderer draws; else the renderer changed without a new pack."""

import io
import json
import tarfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from lib.faces.loading.adapters import rendered
from lib.faces.rendered.output.label_rows import label_row
from lib.faces.rendered.output.shards import RENDERER, draw_subject

ROOT = Path(__file__).resolve().parents[3]
SHARDS = sorted((ROOT / "data" / "rendered").glob("shard-*.tar"))
pytestmark = pytest.mark.skipif(not SHARDS, reason="the pack is not here: dvc pull data.dvc")
SUBJECT = 157


def _decoded(image: np.ndarray) -> np.ndarray:
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "WEBP", quality=80, method=6)
    return np.asarray(Image.open(buffer), np.int16)


def test_a_shipped_subject_is_drawn_again():
    with tarfile.open(SHARDS[SUBJECT // 50]) as shard:
        assert json.loads(shard.pax_headers["comment"])["renderer"] == RENDERER
        labels = pd.read_csv(shard.extractfile("labels.csv"), dtype={"image": str})
        for drawn in list(draw_subject(SUBJECT, 7, 112))[:3]:
            row = label_row(drawn.truth)
            kept = labels[labels["image"] == row["image"]].iloc[0]
            assert kept["expression"] == row["expression"]
            assert kept["age"] == pytest.approx(row["age"], abs=0.06)
            shipped = np.asarray(Image.open(shard.extractfile(row["image"] + ".webp")), np.int16)
            difference = np.abs(shipped - _decoded(drawn.image))
            assert (difference <= 2).mean() > 0.99  # other processors round differently before WebP
            assert np.abs(shipped - np.roll(shipped, 3, axis=1)).mean() > difference.mean() + 1


def test_the_pack_has_no_subject_in_two_splits_and_every_expression():
    labels = rendered.read(ROOT / "data" / "rendered").labels
    assert labels.groupby("subject")["split"].nunique().max() == 1
    assert labels["image"].is_unique
    counts = labels.groupby("subject")["expression"].value_counts().unstack(fill_value=0)
    assert (counts["neutral"] == 2).all() and (counts["happy"] == 2).all()
    share = labels.drop_duplicates("subject")["split"].value_counts(normalize=True)
    assert share["train"] == pytest.approx(0.70, abs=0.05)
