"""`ours_private`: a face made from the erased embedding alone, so nothing else of the photograph gets out.

What the picture shows was in the code. So perceived gender can be read from it no better than from the code,
by whatever attacker on whatever pictures: the bound is that of the code (`attack_embeddings` on
`FaceEncoder`'s codes and nuisance numbers together), not what one reader happens to find.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import keras
import numpy as np

from lib.deidentify.private.encoder import FaceCodes, FaceEncoder, recogniser_named
from lib.deidentify.protections.base import Colour
from lib.deidentify.protections.stored import SHIPPED, hash_files, reading_unchanged
from lib.faces.loading.align import Template
from lib.judges.base import Judge
from lib.judges.book_networks import MatcherJudge
from lib.judges.recogniser_embeddings import OWN_MATCHER, stored_name
from lib.judges.registry import MAKERS
from lib.networks.predict import predict
from lib.training.inference import BATCH
from lib.training.store.model_store import ModelStore
from lib.training.store.weights import weights_digest

NO_FACE = 128
"""Tone of the whole picture where no face was found: nothing can be said, so nothing is shown."""


@dataclass(frozen=True)
class Private:
    """A Protection of aligned grey faces.

    Attributes
    ----------
    coder : photograph to code.
    generator : code to picture; frozen. Its picture may be smaller than the photograph and is enlarged then:
        at 64 px it learns three times as fast as at 112 px.
    settings : with which `networks.face_decoder` builds it.
    template : of the photographs' crop; None for the publisher's window.
    side : of the photographs in pixels; None for that of the generator's pictures.
    stored : folder and hash of the files from which `stored_private` read it; another process does the same.
    """

    coder: FaceEncoder
    generator: keras.Model
    settings: Mapping[str, Any]
    template: Template | None = None
    side: int | None = None
    colour: Colour = field(default="grey", init=False)
    stored: tuple[Path, str] | None = field(default=None, init=False, compare=False, repr=False)

    def __reduce_ex__(self, protocol: Any) -> Any:
        return (_read, self.stored) if self.stored else super().__reduce_ex__(protocol)

    @property
    def name(self) -> str:
        """With the recogniser and a hash of all weights: the generator's, the eraser's, the matcher's own."""
        reader = self.coder.recogniser
        networks = [self.generator, *([reader.network] if isinstance(reader, MatcherJudge) else [])]
        parts = [str(self.size), self.coder.digest(), *(weights_digest(network) for network in networks)]
        mark = hashlib.sha256("".join(parts).encode()).hexdigest()[:12]
        return f"ours_private {stored_name(reader)} {mark}"

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the photographs, and of what comes back."""
        side = self.side or self.generator.output_shape[1]
        return side, side

    @property
    def needs(self) -> tuple[str, ...]:
        """What its recogniser must be told."""
        return self.coder.recogniser.card.needs

    def __call__(self, faces: np.ndarray, **labels: np.ndarray) -> np.ndarray:
        """Faces uint8 (N, H, W, 1) made from what their codes say; mid grey where no face was found.

        Parameters
        ----------
        labels : `points` (N, 5, 2) if it needs them.
        """
        return self.picture(self.coder(faces, labels.get("points")))

    def picture(self, codes: FaceCodes) -> np.ndarray:
        """The faces of codes, uint8 (N, H, W, 1)."""
        nuisance = codes.nuisance if "nuisance" in self.generator.input else None
        out = generated(self.generator, codes.code, nuisance)
        if out.shape[1:3] != self.size:
            out = np.stack([cv2.resize(one, self.size, interpolation=cv2.INTER_LINEAR) for one in out])[
                ..., None
            ]
        out[~codes.known] = NO_FACE
        return out

    def save(self, folder: str | Path, *, about: Mapping[str, Any] | None = None) -> None:
        """Write the coder, the generator and an own matcher into `folder`; nothing is pickled.

        Parameters
        ----------
        about : further facts of the generator, such as `trained_on`.

        Raises
        ------
        ValueError : an own matcher without the settings with which it is built.
        """
        folder, reader = Path(folder), self.coder.recogniser
        if isinstance(reader, MatcherJudge) and not reader.settings:
            raise ValueError("the matcher cannot be kept: make its MatcherJudge with `settings`")
        self.coder.save(folder)
        store = ModelStore(folder)
        template = self.template and {"points": self.template.points.tolist(), "size": self.template.size}
        facts = {**(about or {}), "template": template, "side": self.side}
        store.put("generator", self.generator, "generator", self.settings, about=facts)
        if isinstance(reader, MatcherJudge):
            store.put("embedder", reader.network, "matcher", reader.settings)

    @classmethod
    def load(cls, folder: str | Path) -> Private:
        """Read what `save` wrote.

        Raises
        ------
        WeightsError : a file is missing or damaged.
        """
        folder = Path(folder)
        store = ModelStore(folder)
        facts = store.about("generator")
        known = facts["template"]
        template = known and Template(np.array(known["points"], np.float32), tuple(known["size"]))
        coder = FaceEncoder.load(folder, _recogniser(folder, store))
        network = store.get("generator")
        return cls(coder, network, facts["settings"], template, facts["side"])


def stored_private(folder: str | Path = SHIPPED / "private") -> Private:
    """The Private of a folder; handed to another process, it is read from there again.

    Parameters
    ----------
    folder : that `Private.save` wrote, which every process sees under this path.

    Raises
    ------
    ProtectionError : a file is missing or damaged; in another process also where the files changed meanwhile.
    """
    return _read(Path(folder), hash_files(_files(Path(folder))))


def _files(folder: Path) -> list[Path]:
    """All that is there; without any, the one that is missed first."""
    return sorted(folder.glob("*.npz")) or [folder / "generator.npz"]


@lru_cache(maxsize=4)
def _read(folder: Path, sha256: str) -> Private:
    with reading_unchanged(_files(folder), sha256):
        private = Private.load(folder)
    object.__setattr__(private, "stored", (folder, sha256))
    return private


def _recogniser(folder: Path, store: ModelStore) -> Judge:
    """The recogniser for which the coder in `folder` was made: our matcher beside it, else dlib's."""
    if recogniser_named(folder) == OWN_MATCHER:
        trained_on = str(store.about("generator").get("trained_on", "not stated"))
        settings = store.about("embedder")["settings"]
        return MatcherJudge(store.get("embedder"), trained_on=trained_on, name=OWN_MATCHER, settings=settings)
    judge: Judge = MAKERS["dlib_recogniser"]()
    return judge


def generated(
    generator: keras.Model, codes: np.ndarray, nuisance: np.ndarray | None = None, batch: int = BATCH
) -> np.ndarray:
    """Faces from codes, 8 bit as they would be stored.

    Every batch has the same size, the last one filled up: rounding depends on it, and equal codes must give
    equal pictures whoever asks beside them.

    Parameters
    ----------
    codes : (N, D). nuisance : (N, n), or None.

    Returns
    -------
    uint8 (N, H, W, 1).
    """
    told = {"code": codes} | ({} if nuisance is None else {"nuisance": nuisance})
    size = generator.output_shape[1:]
    out = np.zeros((len(codes), *size), np.uint8)
    for start in range(0, len(codes), batch):
        some = slice(start, start + batch)
        parts = {name: np.asarray(array[some], np.float32) for name, array in told.items()}
        count = len(parts["code"])
        filled = {name: np.resize(array, (batch, array.shape[1])) for name, array in parts.items()}
        faces = predict(generator, filled)[:count]
        out[some] = np.rint(np.clip(faces, 0, 1) * 255).astype(np.uint8)
    return out
