"""Faces under the treatments of the book with their scores, and what the networks that ship make of a face.

The networks that ship were trained on photographs. They paint what may be shown: the astronaut Eileen Collins
(photograph by NASA, part of scikit-image) and the prototypes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import keras
import numpy as np

from lib.deidentify.private.protection import stored_private
from lib.deidentify.protections.base import Protection
from lib.deidentify.protections.matched_blur_control import control
from lib.evaluation.san.example_faces import astronaut
from lib.evaluation.san.outputs import at_strength, mean_pictures
from lib.evaluation.san.shipped import shipped_prototypes
from lib.evaluation.scored_faces import Scored, score
from lib.faces.faceset import FaceSet
from lib.faces.grey import to_grey
from lib.faces.loading.align import Template, crop_template
from lib.judges.book_networks import GenderJudge
from lib.networks.san import SanAutoencoder
from lib.training.inference import reconstruct
from lib.training.store.model_cards import CARDS
from lib.training.store.model_store import ModelStore

NONE = "This copy has no networks trained on photographs: `make real` trains them."
TOP = ("before", "sm", "nt", "op", "private")
PORTRAIT = (("before", "sm", "nt"), ("op", "private", "reversed_op"))
"""Treatments of the chapter's first picture, and of the two lines of the second."""
SHIPPED_RECIPE = ("reversed_op", "report")
"""Treatment that the report's network stands for, and its name among those that ship."""
BY_PROTECTION = {"before": "before", "op": "san", "private": "private"}
"""Treatment -> name of the protection that gives it."""


def shown_faces(
    pictures: Mapping[str, np.ndarray], rows: np.ndarray, faces: FaceSet, classifier: GenderJudge
) -> Scored | None:
    """Some faces under each treatment, scored; of faces that may not be shown the mean of all.

    Parameters
    ----------
    pictures : treatment -> uint8 (N, H, W); `before` first.
    rows : to show. faces : the N faces; `publishable` decides.

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
    classifier : that they were trained against.
    private : None where it does not ship.
    template : of the faces' crop. means : female and male prototype, uint8 (2, H, W), of `subjects` or more.
    """

    ours: SanAutoencoder
    recipe: keras.Model
    classifier: GenderJudge
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
            GenderJudge.stored(store),
            stored_private(folder / "private") if (folder / "private").exists() else None,
            crop_template(eye_distance, centre, (size, size)),
            to_grey(np.rint(means[:2]).astype(np.uint8)),
            subjects,
        )

    def paint(self, grey: np.ndarray, points: np.ndarray | None = None) -> dict[str, np.ndarray]:
        """Treatments of pictures uint8 (N, H, W), the label predicted as a user must.

        Parameters
        ----------
        points : (N, 5, 2), for `private`, which is left out without them.
        """
        label = self.classifier.predicted(grey)
        made = {"before": grey, **reconstruct(self.ours, grey[..., None], label)}
        if self.private is not None and points is not None:
            made["private"] = self.private(grey[..., None], points=points)[..., 0]
        name, _ = SHIPPED_RECIPE
        return made | {name: reconstruct(self.recipe, grey[..., None], label)["op"]}

    def scored_means(self) -> Scored:
        """The prototypes of `women` and `men` as pictures, painted and read."""
        return replace(score(self.paint(self.means), self.classifier), names=("women", "men"))

    def scored_portrait(self) -> Scored:
        """The astronaut painted, read, and compared by dlib's matcher."""
        grey, points = self.portrait()
        return score(self.paint(grey, points), self.classifier, points)

    def portrait(self) -> tuple[np.ndarray, np.ndarray]:
        """The astronaut in their crop: grey uint8 (1, H, W), and her points (1, 5, 2)."""
        image, points = astronaut(self.template)
        return to_grey(image[None]), points[None]


def astronaut_shipped(folder: Path) -> Scored | None:
    """The astronaut as `ShippedNetworks.scored_portrait` paints and reads her; None where nothing ships.

    Parameters
    ----------
    folder : of the networks that ship.
    """
    shipped = ShippedNetworks.load(folder)
    return shipped.scored_portrait() if shipped else None


def portrait_treatments(folder: Path) -> Scored | None:
    """The astronaut as `ShippedNetworks.paint` makes her, and as `control`, the blur of OP's distance.

    Parameters
    ----------
    folder : of the networks that ship.

    Returns
    -------
    With the classifier's certainty and no distance; None where nothing ships.

    Raises
    ------
    WeightsError : a file of a network is missing or damaged.
    """
    shipped = ShippedNetworks.load(folder)
    if shipped is None:
        return None
    grey, points = shipped.portrait()
    made = shipped.paint(grey, points)
    return score(made | {"control": control(grey, made["op"])}, shipped.classifier)


STRENGTHS = {
    "-1": -1.0, "-0.5": -0.5, "0 (SM)": 0.0, "0.25": 0.25, "0.5": 0.5, "0.75": 0.75, "1 (OP)": 1.0,
    "1.5": 1.5, "2": 2.0,
}  # fmt: skip
"""Label of a slider's frame -> strength of the fixed map."""


def at_strengths(
    san: SanAutoencoder,
    classifier: GenderJudge,
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
        cases.append((san, classifier, to_grey(faces.images), faces.binary("Male")))
    if shipped is not None:
        grey, _ = shipped.portrait()
        cases.append((shipped.ours, shipped.classifier, grey, shipped.classifier.predicted(grey)))
    return [_one_strength(cases, strength) for strength in strengths] if cases else []


def _one_strength(
    cases: Sequence[tuple[SanAutoencoder, GenderJudge, np.ndarray, np.ndarray]], strength: float
) -> tuple[list[np.ndarray], list[str]]:
    side = max(grey.shape[1] for _, _, grey, _ in cases)
    tiles, texts = [], []
    for network, classifier, grey, label in cases:
        made = at_strength(network, grey[..., None], label, strength)
        tiles += [cv2.resize(one, (side, side), interpolation=cv2.INTER_CUBIC) for one in made]
        said = score({"moved": made}, classifier)
        texts += [said.caption("moved", at) for at in range(len(made))]
    return tiles, texts
