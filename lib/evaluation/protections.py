"""The protections that the chapters compare, as they were trained, and the pictures that they make of faces.

A protection's control is the original under a blur, as far from the original as the protected picture is:
what the protection does beyond it is its own. OP has a second one of fewer pixels, and the original authors'
network, whose pictures are nearer or farther, is also shown at the distance of OP.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import keras
import numpy as np

from lib.deidentify.private.protection import Private
from lib.deidentify.protections.base import Protection, protect
from lib.deidentify.protections.matched_blur_control import control
from lib.deidentify.protections.matched_distance import at_distance, resampling_control
from lib.deidentify.protections.protect_set import protected_pictures
from lib.deidentify.protections.published_san import PublishedSan
from lib.deidentify.protections.san import AutoencoderProtection
from lib.evaluation.san.treatments import san_treatments
from lib.faces.faceset import FaceSet
from lib.faces.grey import to_grey
from lib.judges.published_networks import Networks
from lib.measures.image_quality import rmse
from lib.networks.san import OUTPUTS, Output
from lib.training.inference import reconstruct
from lib.training.store.model_store import ModelStore

CONTROLS = {
    "op": "control",
    "private": "private_control",
    "authors_op": "authors_control",
    "report_op": "report_control",
    "reversed_op": "reversed_control",
}
"""Protection -> its control."""
RESAMPLED, AUTHORS_MATCHED = "resampled", "authors_op_matched"
"""OP's second control; and the original authors' OP, its change scaled to the distance of ours."""
RECIPES = {"report_op": "report_opposite", "reversed_op": "report"}
"""OP by the report's recipe -> name of the network in the store: the text's reading of the opposite label,
1 - y, and the code's, another picture's label."""


def recipe_output(recipe: str, output: str) -> str:
    """Treatment of another output of a recipe: of `report_op` and `sm` it is `report_sm`."""
    return f"{recipe.removesuffix('op')}{output}"


@dataclass(frozen=True)
class Protections:
    """Protections of grey pictures, told the true label where they ask for one.

    Attributes
    ----------
    san : autoencoder from {`image`, `label`} to `sm`, `nt` and `op`.
    private : told no label but points, which may be unknown; None: this run has none.
    published : the original authors' network; None: it is not at hand.
    recipes : OP by another recipe, a name of RECIPES -> its autoencoder, that gives `op` at least.
    """

    san: keras.Model
    private: Protection | None = None
    published: Protection | None = None
    recipes: Mapping[str, keras.Model] = field(default_factory=dict)

    @classmethod
    def load(
        cls, trained: Path, *, published: Path | None = None, recipe_outputs: Sequence[Output] = ("op",)
    ) -> Protections:
        """Read what chapter 04 trained.

        Parameters
        ----------
        trained : its folder; `private` counts if it is there.
        published : folder of the published networks, for the original authors' one.
        recipe_outputs : what the networks of RECIPES give; `op` among them.

        Raises
        ------
        WeightsError, JudgeError : a file is missing or damaged.
        """
        folder, store = trained / "private", ModelStore(trained)
        return cls(
            store.get("ours", outputs=OUTPUTS),
            Private.load(folder) if folder.exists() else None,
            PublishedSan(Networks(published)) if published else None,
            {name: store.get(kept, outputs=recipe_outputs) for name, kept in RECIPES.items()},
        )

    @property
    def opposite(self) -> Protection:
        """The autoencoder as the protection towards the opposite gender, told the true label."""
        return AutoencoderProtection(self.san)

    def op(self, faces: FaceSet) -> np.ndarray:
        """Pictures in which the opposite gender should be read, uint8 (N, H, W)."""
        return protected_pictures(self.opposite, faces)

    def generated(self, faces: FaceSet) -> dict[str, np.ndarray]:
        """The `private` pictures, uint8 (N, H, W), under that name; empty where this run has none."""
        if self.private is None:
            return {}
        told = {} if faces.points is None else {"points": faces.points}
        return {"private": to_grey(protect(self.private, faces.images, **told))}

    def attacked(self, faces: FaceSet) -> dict[str, np.ndarray]:
        """What attackers learn from: `before`, every protection and its control, uint8 (N, H, W) each."""
        found = {"before": to_grey(faces.images), "op": self.op(faces)}
        return with_controls(found | self._others(faces) | self._recipe_outputs(faces)[0])

    def treatments(self, faces: FaceSet, pretrained: keras.Model) -> dict[str, np.ndarray]:
        """The treatments of `san_treatments`, `private`, `authors_op` and RECIPES, uint8 (N, H, W) each.

        Parameters
        ----------
        faces : with `Male` known in all rows.
        pretrained : autoencoder before it learned to fool anybody.
        """
        return self.treatments_and_prototypes(faces, pretrained)[0]

    def treatments_and_prototypes(
        self, faces: FaceSet, pretrained: keras.Model
    ) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
        """`treatments`; and the recipes' outputs beside OP, likewise, as `report_sm` and `report_nt`."""
        own = san_treatments(faces.images, faces.binary("Male"), pretrained=pretrained, san=self.san)
        told, prototypes = self._recipe_outputs(faces)
        return own | self._others(faces) | told, prototypes

    def _others(self, faces: FaceSet) -> dict[str, np.ndarray]:
        theirs = {"authors_op": protected_pictures(self.published, faces)} if self.published else {}
        return self.generated(faces) | theirs

    def _recipe_outputs(self, faces: FaceSet) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
        """OP of each recipe, and its other outputs; each network runs once."""
        label = faces.binary("Male")
        made = {
            recipe_output(name, output): pictures
            for name, one in self.recipes.items()
            for output, pictures in reconstruct(one, faces.images, label).items()
        }
        return {name: made.pop(name) for name in self.recipes}, made


def with_controls(pictures: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The pictures, and for each protection the control that is not there yet.

    Parameters
    ----------
    pictures : treatment -> uint8 (N, H, W); `before` among them.
    """
    before = pictures["before"]
    missing = {one: name for name, one in CONTROLS.items() if name in pictures and one not in pictures}
    made = {one: control(before, pictures[name]) for one, name in missing.items()}
    return {**pictures, **made}


def with_comparisons(pictures: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """`with_controls`, OP's second control, and the original authors' OP at the distance of ours.

    Parameters
    ----------
    pictures : treatment -> uint8 (N, H, W); `before` and `op` among them.
    """
    before, op = pictures["before"], pictures["op"]
    made = with_controls(pictures) | {RESAMPLED: resampling_control(before, op)}
    if "authors_op" in pictures:
        made[AUTHORS_MATCHED] = at_distance(before, pictures["authors_op"], rmse(op, before))
    return made
