"""CLEANIR as it ships: a protection of colour faces that reads its networks from `weights/`."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from lib.arrays import WeightsError
from lib.deidentify.cleanir.attribute_cleaning import AttributeCleaner
from lib.deidentify.cleanir.cleaned_identity import CleanedNewIdentity
from lib.deidentify.cleanir.codec import DECODER, ENCODER, IDENTITIES, CleanirCodec
from lib.deidentify.cleanir.protection import Drawn, NewIdentity, Per, RotatedIdentity, key_hash
from lib.deidentify.cleanir.withstands import FIGURES, withstands
from lib.deidentify.protections.base import Colour, ProtectionError
from lib.deidentify.protections.stored import REMEDY, SHIPPED, StoredProtection
from lib.faces.loading.align import Template, crop_template
from lib.training.store.model_store import ModelStore

NAME, CLEANER = "cleanir", "cleaner"
"""Before the ends of the files' names; the end of the one that need not be there."""


@dataclass(frozen=True)
class StoredCleanir(StoredProtection):
    """A trained CLEANIR that paints each face with another identity.

    Attributes
    ----------
    folder : with `cleanir_encoder.npz`, `cleanir_decoder.npz` and `cleanir_identities.npz`; with
        `cleanir_cleaner.npz` as well where the attributes of new identities are cleaned of the old ones.
    angle : degrees by which the identity half is turned; None: a new identity is drawn, which says nothing
        of the old one.
    per : what shares a draw: each `image` its own, each `subject`, or `all` one.
    key : secret of the draws; is in no name and no text of this object, its hash is. Everybody knows the
        empty one, and can make again what was drawn with it.
    sha256 : of all files together; the first digits are in the name.

    Raises
    ------
    ProtectionError : an angle that is no number, no such `per`, files that are missing or damaged, or facts
        that do not say by which `template` the faces were cut.
    """

    angle: float | None = None
    per: Per = "image"
    key: str = field(default="", repr=False)
    size: tuple[int, int] = field(init=False)
    template: Template | None = field(init=False, compare=False)

    def __post_init__(self) -> None:
        if self.angle is not None and not np.isfinite(self.angle):
            raise ProtectionError(f"an angle is a number of degrees, as 90: {self.angle}")
        Drawn.check_per(self.per)
        super().__post_init__()
        try:
            facts = ModelStore(Path(self.folder)).about(f"{NAME}_{ENCODER}")
        except WeightsError as error:
            raise ProtectionError(f"{error}; {REMEDY}") from error
        if facts["kind"] != f"cleanir_{ENCODER}" or "template" not in facts:
            raise ProtectionError(
                f"{self.folder}/{NAME}_{ENCODER}.npz is no encoder whose facts say by which `template` its "
                "faces were cut: name another, or keep it with these facts"
            )
        side, known = int(facts["settings"].get("size", 64)), facts["template"]
        object.__setattr__(self, "size", (side, side))
        object.__setattr__(
            self, "template", None if known is None else crop_template(known[0], known[1], (side, side))
        )

    def files(self) -> list[Path]:
        """Encoder, decoder, the distribution of identities, and the cleaner where one is used."""
        ends = (ENCODER, DECODER, IDENTITIES, *[CLEANER] * self.cleaned)
        return [Path(self.folder) / f"{NAME}_{end}.npz" for end in ends]

    @property
    def cleaned(self) -> bool:
        """Whether attributes are cleaned: those of new identities, where the folder has the cleaner."""
        return self.angle is None and (Path(self.folder) / f"{NAME}_{CLEANER}.npz").is_file()

    def read(self) -> tuple[CleanirCodec, AttributeCleaner | None]:
        """The codec, and the cleaner where one is used."""
        codec = CleanirCodec.stored(ModelStore(Path(self.folder)), NAME)
        return codec, AttributeCleaner.load(self.files()[-1]) if self.cleaned else None

    @property
    def withstands(self) -> tuple[str, ...]:
        """Sentences on which attackers copies withstand; the figures are of the weights that ship."""
        shipped = Path(self.folder).resolve() == SHIPPED
        return withstands(self.angle, self.per, cleaned=self.cleaned, figures=FIGURES if shipped else None)

    @property
    def name(self) -> str:
        """With angle or new identity, what shares a draw, a hash of the key, and the weights."""
        how = "new identity" if self.angle is None else f"{self.angle:g} degrees"
        return f"cleanir {how} per {self.per} key {key_hash(self.key)} {self.sha256[:12]}"

    @property
    def colour(self) -> Colour:
        """Colour."""
        return "rgb"

    @property
    def repaints(self) -> bool:
        """Its faces are painted anew, so that their colour may be off that of the photograph around them."""
        return True

    @property
    def needs(self) -> tuple[str, ...]:
        """`subject`, where a subject's pictures share a draw."""
        return ("subject",) if self.per == "subject" else ()

    def __call__(self, faces: np.ndarray, **labels: np.ndarray) -> np.ndarray:
        """Repaint `faces`, uint8 (N, size, size, 3) RGB.

        Parameters
        ----------
        labels : `subject` (N,), where draws are per subject.

        Raises
        ------
        ProtectionError : weights that are damaged, or that changed since this object was made.
        """
        return self._made()(faces, **labels) if len(faces) else faces.copy()

    def _made(self) -> Drawn:
        codec, cleaner = self.networks
        told: dict[str, Any] = {"codec": codec, "per": self.per, "key": self.key, "template": self.template}
        if self.angle is not None:
            return RotatedIdentity(**told, angle=self.angle)
        return NewIdentity(**told) if cleaner is None else CleanedNewIdentity(**told, cleaner=cleaner)
