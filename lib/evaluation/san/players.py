"""The players of the semi-adversarial game after pre-training: autoencoder, gender classifier, matcher."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import keras
import numpy as np

from lib.evaluation.san.example_faces import astronaut
from lib.evaluation.scored_faces import MALE, Scored
from lib.faces.faceset import FaceSet
from lib.faces.grey import to_grey
from lib.faces.loading.align import crop_template
from lib.judges.book_networks import GenderJudge
from lib.measures.pairs import pair_scores, same_photo
from lib.training.inference import predict_images, reconstruct
from lib.training.store.model_cards import CARDS
from lib.training.store.model_store import ModelStore

PHOTOGRAPHS = (0.32, 0.55)
"""Distance of the eyes and height of the face in crops of photographs, as parts of the crop."""


@dataclass(frozen=True)
class Players:
    """The three networks of one training, for images of one size and crop.

    Attributes
    ----------
    autoencoder : from {`image`, `label`} to {`sm`}.
    classifier : of male, its threshold chosen on validation subjects.
    matcher : to an embedding.
    template : distance of the eyes and height of the face as parts of the crop; None for the publisher's.
    """

    autoencoder: keras.Model
    classifier: GenderJudge
    matcher: keras.Model
    template: tuple[float, float] | None

    @classmethod
    def of(cls, store: ModelStore) -> Players:
        """The players that a store keeps under their usual names.

        Raises
        ------
        WeightsError : one is missing or damaged.
        """
        template = store.about("autoencoder").get("template")
        return cls(
            autoencoder=store.get("autoencoder"),
            classifier=GenderJudge.stored(store),
            matcher=store.get("matcher"),
            template=(template[0], template[1]) if template else None,
        )

    @property
    def size(self) -> int:
        """Height and width of the images, in pixels."""
        return int(self.classifier.card.size[0])

    def certainty(self, pictures: np.ndarray) -> np.ndarray:
        """Certainty of male, (N,), of pictures uint8 (N, H, W), resized where they have another size."""
        return self.classifier.certainty(_resized(pictures, self.size))

    def matches(self, before: np.ndarray, after: np.ndarray) -> np.ndarray:
        """Comparison score of each picture with its original, (N,): cosine of two embeddings, at most 1.

        Parameters
        ----------
        before, after : uint8 (N, H, W) grey, resized where they have another size.
        """
        pair = [predict_images(self.matcher, _resized(one, self.size)[..., None]) for one in (after, before)]
        return pair_scores(same_photo(len(before)), *pair)

    def repaint(self, images: np.ndarray, label: np.ndarray) -> np.ndarray:
        """Reconstructions, uint8 (N, H, W), of images uint8 (N, size, size, 3) with label (N,), male 1."""
        return reconstruct(self.autoencoder, images, label)["sm"]


@dataclass(frozen=True)
class Examples:
    """Faces that may be shown, with the scores of players who know their kind.

    Attributes
    ----------
    images : uint8 (N, H, W, 3); the last one is a photograph, the others are of a set.
    label : (N,), male 1.
    own : players of the set.
    photographers : players trained on photographs, for the last image; None leaves it without scores.
    """

    images: np.ndarray
    label: np.ndarray
    own: Players
    photographers: Players | None

    @property
    def before(self) -> np.ndarray:
        """The originals, uint8 (N, H, W), grey."""
        return to_grey(self.images)

    def scored(self, stages: Mapping[str, np.ndarray]) -> Scored:
        """The originals and what networks made of them, with scores.

        Parameters
        ----------
        stages : name -> uint8 (N, H, W).

        Returns
        -------
        `original` and the stages, each with certainty of male, and the stages with the `match` with the
        original.
        """
        pictures = {"original": self.before, **stages}
        male = {name: self._judged(Players.certainty, one) for name, one in pictures.items()}
        match = {name: self._judged(Players.matches, self.before, one) for name, one in stages.items()}
        return Scored(pictures, {MALE: male, "match": match})

    def _judged(self, measure: Callable[..., np.ndarray], *pictures: np.ndarray) -> np.ndarray:
        """What players who know their kind say of each picture, (N,); NaN where nobody does."""
        split, found = len(self.images) - 1, np.full(len(self.images), np.nan)
        for players, part in ((self.own, slice(0, split)), (self.photographers, slice(split, None))):
            if players is not None and len(found[part]):
                found[part] = measure(players, *(one[part] for one in pictures))
        return found

    def repaint(self) -> np.ndarray:
        """Reconstructions, uint8 (N, H, W); the photograph stays as it is where nobody can repaint it."""
        last = to_grey(self.images[-1:])
        if self.photographers is not None:
            photograph = _resized(self.images[-1:], self.photographers.size)
            last = _resized(self.photographers.repaint(photograph, self.label[-1:]), self.images.shape[1])
        if len(self.images) == 1:
            return last
        return np.concatenate([self.own.repaint(self.images[:-1], self.label[:-1]), last])


def shipped_players(folder: Path) -> Players | None:
    """The players trained on photographs that ship in a folder; None where they were not fetched."""
    needed = [folder / CARDS, *(folder / f"{name}.npz" for name in ("autoencoder", "classifier", "matcher"))]
    return Players.of(ModelStore(folder)) if all(path.exists() for path in needed) else None


def example_players(
    faces: FaceSet,
    rows: np.ndarray,
    count: int,
    own: Players,
    photographers: Players | None,
) -> Examples:
    """Faces of a set, where they may be shown, and the astronaut Eileen Collins (photograph by NASA).

    Parameters
    ----------
    faces : with `Male` known in `rows`.
    rows : from which `count` are taken, evenly spaced; neutral faces alone where there are so many.
    own : as for `Examples`.
    photographers : as for `Examples`; the astronaut is cut as the images of their training were.
    """
    eyes, height = (photographers and photographers.template) or PHOTOGRAPHS
    size = photographers.size if photographers else faces.size[0]
    cut, _ = astronaut(crop_template(eyes, height, (size, size)))
    if "expression" in faces.labels:
        neutral = rows[(faces.labels["expression"] == "neutral").to_numpy()[rows]]
        rows = neutral if len(neutral) >= count else rows
    some = rows[np.linspace(0, len(rows) - 1, count).astype(int)] if faces.publishable else rows[:0]
    images = np.concatenate([faces.images[some], _resized(cut[None], faces.size[0])])
    label = np.append(faces.binary("Male")[some], False)
    return Examples(images, label.astype(np.float32), own, photographers)


def _resized(images: np.ndarray, size: int) -> np.ndarray:
    if images.shape[1] == size:
        return images
    way = cv2.INTER_CUBIC if images.shape[1] < size else cv2.INTER_AREA
    return np.stack([cv2.resize(one, (size, size), interpolation=way) for one in images])
