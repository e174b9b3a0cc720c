"""Embeddings of photos under each treatment, by one matcher."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from tqdm import tqdm

from lib.evaluation.matching.treated_faces import TreatedFaces
from lib.faces.grey import as_rgb
from lib.judges.base import Judge


@dataclass(frozen=True)
class EmbeddedFaces:
    """Embeddings of faces under each treatment.

    Attributes
    ----------
    subjects, images : (N,) str. male : (N,) bool.
    by : treatment to float32 (N, D), NaN where the matcher had no face.
    """

    subjects: np.ndarray
    images: np.ndarray
    male: np.ndarray
    by: Mapping[str, np.ndarray]

    def take(self, rows: np.ndarray) -> EmbeddedFaces:
        """The photos at `rows`."""
        return EmbeddedFaces(
            self.subjects[rows],
            self.images[rows],
            self.male[rows],
            {name: values[rows] for name, values in self.by.items()},
        )


def embed(judge: Judge, part: TreatedFaces) -> EmbeddedFaces:
    """Embeddings of every treatment by one matcher, cropped by the photo's own points: nothing has moved."""
    labels = part.faces.labels
    bar = tqdm(part.pictures.items(), desc=f"{part.faces.name}: {judge.card.name}", leave=False)
    said = {name: judge(as_rgb(pictures), part.faces.points) for name, pictures in bar}
    return EmbeddedFaces(
        part.faces.subjects,
        labels["image"].to_numpy(dtype=str),
        labels["Male"].to_numpy(dtype=bool),
        {name: judgement.values for name, judgement in said.items()},
    )
