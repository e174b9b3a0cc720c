"""The semi-adversarial network as a protection: a grey face in, drawn towards another prototype.

The weights come from a model store. The autoencoder's facts say how its faces were cut (`template`, the
distance of the eyes and the centre for `align.crop_template`), the classifier's from which logit on it reads
male (`threshold`, 0 if unsaid).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import keras
import numpy as np

from lib.arrays import WeightsError
from lib.deidentify.protections.base import Colour, ProtectionError
from lib.deidentify.protections.stored import REMEDY, StoredProtection
from lib.faces.loading.align import Template, crop_template
from lib.judges.book_networks import GenderJudge
from lib.networks.san import OUTPUTS, Output
from lib.networks.san_reference import check_size
from lib.training.inference import reconstruct
from lib.training.store.model_store import PROTOTYPES, ModelStore
from lib.training.store.weights import weights_digest

Label = Literal["predicted", "told"]


@dataclass(frozen=True)
class AutoencoderProtection:
    """A semi-adversarial autoencoder in memory as a protection of grey faces.

    Attributes
    ----------
    network : from {`image`, `label`} to at least `output`.
    output : `op` draws towards the other gender's prototype, `nt` the neutral one, `sm` the own.
    label : what the network is told of every face; None: its `Male`, which the protection needs.
    size, template : of its faces, for whoever cuts them; None: the network itself refuses other sizes.
    """

    network: keras.Model
    output: Output = "op"
    label: float | None = None
    size: tuple[int, int] | None = None
    template: Template | None = None
    colour: Colour = field(default="grey", init=False)

    @property
    def name(self) -> str:
        """With the output, a label that is told to all, and a hash of the weights."""
        told = "" if self.label is None else f" {self.label:g}"
        return f"autoencoder {self.output}{told} {weights_digest(self.network)[:12]}"

    @property
    def needs(self) -> tuple[str, ...]:
        """`Male`, unless all faces are told the same."""
        return ("Male",) if self.label is None else ()

    def __call__(self, faces: np.ndarray, **labels: np.ndarray) -> np.ndarray:
        """Alter `faces`, uint8 (N, H, W, 1).

        Parameters
        ----------
        labels : `Male`, (N,) male 1, female 0, where the network is told it.
        """
        if not len(faces):
            return faces.copy()
        told = labels["Male"] if self.label is None else np.full(len(faces), self.label)
        return reconstruct(self.network, faces, told)[self.output][..., None]


@dataclass(frozen=True)
class SanProtection(StoredProtection):
    """A trained autoencoder and, to predict the label that it must be told, a classifier.

    Attributes
    ----------
    folder : model store with `<network>.npz`, `prototypes.npz` and, for predicted labels, `classifier.npz`.
    output : `op` draws towards the other gender's prototype, `nt` the neutral one, `sm` the own.
    label : `predicted`, what a user has; `told` needs `Male` (0 or 1), what the sources assume.
    network : name of the autoencoder in the store.
    precision : dtype policy of the large products. Others than float32 round otherwise and name themselves.
    sha256 : of all files together; the first digits are in the name.

    Raises
    ------
    ProtectionError : no such output or label, files that are missing, damaged or do not fit together.
    """

    output: Output = "op"
    label: Label = "predicted"
    network: str = "ours"
    precision: str = "float32"
    size: tuple[int, int] = field(init=False)
    template: Template | None = field(init=False, compare=False)

    def __post_init__(self) -> None:
        if self.output not in OUTPUTS or self.label not in ("predicted", "told"):
            raise ProtectionError(f"no output {self.output!r} by a {self.label!r} label: op, nt or sm; told")
        super().__post_init__()
        facts = _facts(Path(self.folder), self.network)
        object.__setattr__(self, "size", _size(facts))
        object.__setattr__(self, "template", self._template(facts))
        if self.label == "predicted" and _size(_facts(Path(self.folder), "classifier")) != self.size:
            raise ProtectionError(f"{self.folder}: the classifier takes other pictures than {self.size} px")

    def files(self) -> list[Path]:
        """Autoencoder, prototypes and, to predict labels, the classifier."""
        names = [f"{self.network}.npz", PROTOTYPES, *["classifier.npz"] * (self.label == "predicted")]
        return [Path(self.folder) / name for name in names]

    def _template(self, facts: dict[str, Any]) -> Template | None:
        if facts["kind"] != "autoencoder" or "template" not in facts:
            raise ProtectionError(
                f"{self.folder}/{self.network}.npz is no autoencoder whose facts say by which `template` its "
                "faces were cut: name another, or keep it with these facts"
            )
        if facts["template"] is None:
            return None
        eye_distance, centre = facts["template"]
        return crop_template(eye_distance, centre, self.size)

    @property
    def policy(self) -> str:
        """That of `precision`."""
        return self.precision

    def read(self) -> tuple[keras.Model, GenderJudge | None]:
        """Autoencoder, and the classifier unless labels are told."""
        store = ModelStore(Path(self.folder))
        autoencoder = store.get(self.network, outputs=(self.output,))
        return autoencoder, None if self.label == "told" else GenderJudge.stored(store)

    @property
    def name(self) -> str:
        """With the weights."""
        rounded = "" if self.precision == "float32" else f" {self.precision}"
        return f"san {self.network} {self.output} {self.label} {self.sha256[:12]}{rounded}"

    @property
    def colour(self) -> Colour:
        """Grey."""
        return "grey"

    @property
    def needs(self) -> tuple[str, ...]:
        """`Male` where the label is told."""
        return ("Male",) if self.label == "told" else ()

    def __call__(self, faces: np.ndarray, **labels: np.ndarray) -> np.ndarray:
        """Alter `faces`, uint8 (N, H, W, 1).

        Parameters
        ----------
        labels : `Male`, (N,) bool or 0 and 1, where the label is told.

        Raises
        ------
        ProtectionError : a label that is neither, or weights that changed since this object was made.
        """
        if not len(faces):
            return faces.copy()
        if self.label == "told":
            told = np.asarray(labels["Male"], np.float32)
            if not np.isin(told, (0, 1)).all():
                raise ProtectionError(f"{self.name}: Male must be 0 or 1")
        else:
            told = self.predicted(faces)
        return AutoencoderProtection(self.networks[0], self.output)(faces, Male=told)

    def predicted(self, faces: np.ndarray) -> np.ndarray:
        """The label that the store's classifier gives `faces`, uint8 (N, H, W, 1): bool (N,), male true.

        Raises
        ------
        ProtectionError : labels are told, so no classifier was asked for; or as for a call.
        """
        classifier: GenderJudge | None = self.networks[1]
        if classifier is None:
            raise ProtectionError(f"{self.name} is told its labels: make one with label='predicted'")
        return classifier.predicted(faces)


def _facts(folder: Path, name: str) -> dict[str, Any]:
    try:
        return ModelStore(folder).about(name)
    except WeightsError as error:
        raise ProtectionError(f"{error}; {REMEDY}") from error


def _size(facts: dict[str, Any]) -> tuple[int, int]:
    size = facts["settings"].get("size", 224)
    return check_size(size if isinstance(size, int) else tuple(size))
