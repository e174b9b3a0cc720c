"""Faces under each treatment with what a classifier and dlib's recogniser say: pictures and captions.

Also the networks trained on photographs that ship, and what they make of faces that may be shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from lib.deidentify.private.protection import stored_private
from lib.deidentify.protections.base import Protection
from lib.evaluation.example_faces import astronaut
from lib.evaluation.scored_sheet import SAME_PERSON
from lib.evaluation.shipped_gender import shipped_prototypes
from lib.faces.grey import as_rgb, to_grey
from lib.faces.loading.align import Template, crop_template
from lib.judges.base import Judge
from lib.judges.dlib_recogniser import DlibRecogniser
from lib.networks.san import SanAutoencoder
from lib.training.inference import predict_images, reconstruct
from lib.training.store.model_cards import CARDS
from lib.training.store.model_store import ModelStore

SHIPPED_RECIPE = ("reversed_op", "report")
"""Treatment that the report's network stands for, and its name among those that ship."""


@dataclass(frozen=True)
class Scored:
    """The same faces under treatments, with scores.

    Attributes
    ----------
    pictures : treatment -> uint8 (N, H, W); `before` first.
    male : treatment -> certainty of `male`, (N,).
    distance : treatment -> distance of the recogniser's embedding to that of `before`, (N,); or empty.
    """

    pictures: Mapping[str, np.ndarray]
    male: Mapping[str, np.ndarray]
    distance: Mapping[str, np.ndarray]

    def caption(self, name: str, at: int) -> str:
        """Text below a face: `0.97 male`, and in a second line `distance 0.41` where it was altered."""
        said = f"{self.male[name][at]:.2f} male"
        apart = self.distance.get(name)
        return said if name == "before" or apart is None else f"{said}\ndistance {apart[at]:.2f}"

    def grid(
        self, names: Sequence[str], rows: Sequence[int] = (0,)
    ) -> tuple[list[list[np.ndarray]], list[list[str]]]:
        """Cells and captions for a gallery: faces as rows, treatments as columns."""
        cells = [[self.pictures[name][at] for name in names] for at in rows]
        return cells, [[self.caption(name, at) for name in names] for at in rows]

    def same_person(self, name: str) -> int:
        """Faces that the recogniser's author would call the same person as before."""
        return int(np.sum(self.distance[name] < SAME_PERSON))


def certainty(classifier: keras.Model, pictures: np.ndarray) -> np.ndarray:
    """Certainty of `male`, (N,), of a classifier that gives its logit; pictures uint8 (N, H, W)."""
    return 1 / (1 + np.exp(-predict_images(classifier, pictures[..., None])))


def score(
    pictures: Mapping[str, np.ndarray],
    classifier: keras.Model,
    points: np.ndarray | None = None,
    recogniser: Judge | None = None,
) -> Scored:
    """What a classifier and a recogniser say of treatments of the same faces.

    Parameters
    ----------
    pictures : treatment -> uint8 (N, H, W); `before` first.
    classifier : from a grey picture to the logit of male.
    points : (N, 5, 2) in the untouched faces, which the recogniser is told for all treatments; None: no
        distance is measured.
    recogniser : gives embeddings whose Euclidean distance is meant; by default dlib's.
    """
    male = {name: certainty(classifier, one) for name, one in pictures.items()}
    if points is None:
        return Scored(pictures, male, {})
    read = recogniser or DlibRecogniser()
    said = {name: np.asarray(read(as_rgb(one), points).values, float) for name, one in pictures.items()}
    apart = {name: np.linalg.norm(one - said["before"], axis=1) for name, one in said.items()}
    return Scored(pictures, male, apart)


@dataclass(frozen=True)
class ShippedNetworks:
    """Networks trained on photographs, as they ship.

    Attributes
    ----------
    ours, recipe : autoencoders with all outputs, and with OP alone.
    classifier : from a grey picture to the logit of male. threshold : logit above which it says male.
    private : None where it does not ship.
    template : of the faces' crop. means : female and male prototype, uint8 (2, H, W), of `subjects` or more.
    """

    ours: SanAutoencoder
    recipe: keras.Model
    classifier: keras.Model
    threshold: float
    private: Protection | None
    template: Template
    means: np.ndarray
    subjects: int

    @classmethod
    def load(cls, folder: Path) -> ShippedNetworks | None:
        """Read them; None where nothing ships.

        Parameters
        ----------
        folder : of the networks that ship.
        """
        if not (folder / CARDS).exists():
            return None
        store = ModelStore(folder)
        facts, size = store.about("ours"), int(store.about("ours")["settings"]["size"])
        means, subjects = shipped_prototypes(folder, size)
        assert means is not None
        return cls(
            store.get("ours", outputs=("sm", "nt", "op")),
            store.get(SHIPPED_RECIPE[1], outputs=("op",)),
            store.get("classifier"),
            float(store.about("classifier").get("threshold", 0.0)),
            stored_private(folder / "private") if (folder / "private").exists() else None,
            crop_template(*facts["template"], (size, size)),
            to_grey(np.rint(means[:2]).astype(np.uint8)),
            subjects,
        )

    def predicted(self, grey: np.ndarray) -> np.ndarray:
        """Label that the classifier gives pictures uint8 (N, H, W): float32 (N,), male 1."""
        return (predict_images(self.classifier, grey[..., None]) > self.threshold).astype(np.float32)

    def paint(self, grey: np.ndarray, points: np.ndarray | None = None) -> dict[str, np.ndarray]:
        """Treatments of pictures uint8 (N, H, W), the label predicted as a user must.

        Parameters
        ----------
        points : (N, 5, 2), for `private`, which is left out without them.
        """
        label = self.predicted(grey)
        made = {"before": grey, **reconstruct(self.ours, grey[..., None], label)}
        if self.private is not None and points is not None:
            made["private"] = self.private(grey[..., None], points=points)[..., 0]
        name, _ = SHIPPED_RECIPE
        return made | {name: reconstruct(self.recipe, grey[..., None], label)["op"]}

    def portrait(self) -> tuple[np.ndarray, np.ndarray]:
        """The astronaut in their crop: grey uint8 (1, H, W), and her points (1, 5, 2)."""
        image, points = astronaut(self.template)
        return to_grey(image[None]), points[None]
