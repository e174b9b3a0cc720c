"""Faces under each treatment with what a classifier and dlib's recogniser say: pictures and captions.

Also the networks trained on photographs that ship, and what they make of faces that may be shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import keras
import numpy as np

from lib.deidentify.private.protection import stored_private
from lib.deidentify.protections.base import Protection
from lib.evaluation.example_faces import astronaut
from lib.evaluation.san_outputs import at_strength, mean_pictures
from lib.evaluation.shipped_gender import shipped_prototypes
from lib.faces.faceset import FaceSet
from lib.faces.grey import as_rgb, to_grey
from lib.faces.loading.align import Template, crop_template
from lib.judges.base import Judge
from lib.judges.dlib_recogniser import DlibRecogniser
from lib.networks.san import SanAutoencoder
from lib.training.inference import predict_images, reconstruct
from lib.training.store.model_cards import CARDS
from lib.training.store.model_store import ModelStore

NONE = "This copy has no networks trained on photographs: `make real` trains them."
TOP = ("before", "sm", "nt", "op", "private")
PORTRAIT = (("before", "sm", "nt"), ("op", "private", "reversed_op"))
"""Treatments of the chapter's first picture, and of the two lines of the second."""
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


def shown_faces(
    pictures: Mapping[str, np.ndarray], rows: np.ndarray, faces: FaceSet, classifier: keras.Model
) -> Scored | None:
    """Some faces under each treatment, scored; of faces that may not be shown the mean of all.

    Parameters
    ----------
    pictures : treatment -> uint8 (N, H, W); `before` first.
    rows : to show. faces : the N faces; `publishable` decides.
    classifier : from a grey picture to the logit of male.

    Returns
    -------
    None where neither the faces nor a mean of so few may be shown.
    """
    if faces.publishable:
        points = None if faces.points is None else faces.points[rows]
        return score({name: one[rows] for name, one in pictures.items()}, classifier, points)
    means = mean_pictures(pictures, faces.subjects)
    if not means:
        return None
    return score({name: one[None] for name, one in means.items()}, classifier)


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
        facts = store.about("ours")
        size, (eye_distance, centre) = int(facts["settings"]["size"]), facts["template"]
        means, subjects = shipped_prototypes(folder, size)
        assert means is not None
        return cls(
            store.get("ours", outputs=("sm", "nt", "op")),
            store.get(SHIPPED_RECIPE[1], outputs=("op",)),
            store.get("classifier"),
            float(store.about("classifier").get("threshold", 0.0)),
            stored_private(folder / "private") if (folder / "private").exists() else None,
            crop_template(eye_distance, centre, (size, size)),
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

    def scored_means(self) -> Scored:
        """The prototypes of women and men as pictures, painted and read."""
        return score(self.paint(self.means), self.classifier)

    def scored_portrait(self) -> Scored:
        """The astronaut painted, read, and compared by dlib's recogniser."""
        grey, points = self.portrait()
        return score(self.paint(grey, points), self.classifier, points)

    def portrait(self) -> tuple[np.ndarray, np.ndarray]:
        """The astronaut in their crop: grey uint8 (1, H, W), and her points (1, 5, 2)."""
        image, points = astronaut(self.template)
        return to_grey(image[None]), points[None]


STRENGTHS = {
    "-1": -1.0, "-0.5": -0.5, "0 (SM)": 0.0, "0.25": 0.25, "0.5": 0.5, "0.75": 0.75, "1 (OP)": 1.0,
    "1.5": 1.5, "2": 2.0,
}  # fmt: skip
"""Label of a slider's frame -> strength of the fixed map."""


def at_strengths(
    san: SanAutoencoder,
    classifier: keras.Model,
    faces: FaceSet,
    shipped: ShippedNetworks | None,
    strengths: Iterable[float] = tuple(STRENGTHS.values()),
) -> list[tuple[list[np.ndarray], list[str]]]:
    """Faces that may be shown and the astronaut, with the fixed map at each strength.

    Parameters
    ----------
    san, classifier : paint and read the faces, which have `Male` known; none are shown of others.
    shipped : paint and read the astronaut; None: she is left out.
    strengths : 0 gives SM, 1 gives OP.

    Returns
    -------
    For each strength the pictures, uint8 of one size, and the classifier's certainty as a text for each;
    empty where nothing may be shown.
    """
    cases = []
    if faces.publishable:
        cases.append((san, classifier, to_grey(faces.images), faces.binary("Male").astype(np.float32)))
    if shipped is not None:
        grey, _ = shipped.portrait()
        cases.append((shipped.ours, shipped.classifier, grey, shipped.predicted(grey)))
    return [_one_strength(cases, strength) for strength in strengths] if cases else []


def _one_strength(
    cases: Sequence[tuple[SanAutoencoder, keras.Model, np.ndarray, np.ndarray]], strength: float
) -> tuple[list[np.ndarray], list[str]]:
    side = max(grey.shape[1] for _, _, grey, _ in cases)
    tiles, texts = [], []
    for network, classifier, grey, label in cases:
        made = at_strength(network, grey[..., None], label, strength)
        tiles += [cv2.resize(one, (side, side), interpolation=cv2.INTER_CUBIC) for one in made]
        texts += [f"{one:.2f} male" for one in certainty(classifier, made)]
    return tiles, texts
