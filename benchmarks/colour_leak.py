"""What the colour of a copy tells of perceived gender where a grey protection has painted the face anew.

    python -m benchmarks.colour_leak
    COLOUR_LEAK_FACES=FOLDER COLOUR_LEAK_IMAGES=2000 python -m benchmarks.colour_leak

A protection paints every face alike in grey, so that luma tells nothing, and the folder tool's compositing
pastes it: in the mean colour of the face (as the tool does), in the colour of every pixel of the face (what
it must not do), in the mean colour of all faces, and in grey. An attacker is trained on the copies of other
subjects: logistic regression on means, on histograms, and on a small map of the chroma within the face. The
strongest counts. Chance is 0.5. No choice of the attacker is made on the subjects that are judged.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from lib.deidentify.photos.compositing import protect_faces
from lib.deidentify.protections.base import Colour, Protection
from lib.deidentify.protections.baselines import SolidFill
from lib.faces.faceset import FaceSet
from lib.faces.loading.align import align, crop_template
from lib.faces.loading.load import load
from lib.measures.bootstrap_intervals import bootstrap_auc, bootstrap_auc_difference
from lib.measures.estimate import Estimate

FACES = Path(os.environ.get("COLOUR_LEAK_FACES", Path(__file__).resolve().parents[1] / "data" / "rendered"))
IMAGES = int(os.environ.get("COLOUR_LEAK_IMAGES", "3000"))
SIDE = 24
INNER = crop_template(0.5, 0.5, (SIDE, SIDE))
"""One eye distance to each side: where the pasted face takes the photograph's place wholly."""
BINS, CELLS = 16, 6


def _paint(size: tuple[int, int]) -> np.ndarray:
    """A grey pattern that knows nothing of the face, uint8 (height, width)."""
    y, x = np.mgrid[: size[0], : size[1]] / max(size)
    return (125 + 25 * np.cos(7 * x) + 25 * np.cos(9 * y)).astype(np.uint8)


@dataclass(frozen=True)
class Painted(SolidFill):
    """Every face alike in grey; the compositing gives it the mean colour of the old face."""

    colour: Colour = "grey"

    def __call__(self, faces: np.ndarray, **labels: np.ndarray) -> np.ndarray:
        """Alter faces, uint8 (N, H, W, channels)."""
        painted = _paint((faces.shape[1], faces.shape[2]))
        return np.broadcast_to(painted[None, ..., None], faces.shape).copy()


@dataclass(frozen=True)
class PaintedGrey(Painted):
    """Every face alike, and grey in the copy too."""

    colour: Colour = "rgb"


@dataclass(frozen=True)
class PaintedInChroma(Painted):
    """Every face alike in luma, with the chroma that each pixel had."""

    colour: Colour = "rgb"

    def __call__(self, faces: np.ndarray, **labels: np.ndarray) -> np.ndarray:
        """Alter faces, uint8 (N, H, W, 3)."""
        out = np.empty_like(faces)
        for row, face in enumerate(faces):
            planes = cv2.cvtColor(face, cv2.COLOR_RGB2YCrCb)
            planes[..., 0] = _paint(face.shape[:2])
            out[row] = cv2.cvtColor(planes, cv2.COLOR_YCrCb2RGB)
        return out


WAYS: dict[str, Protection] = {
    "grey": PaintedGrey(),
    "mean colour of the face (the folder tool)": Painted(),
    "colour of every pixel": PaintedInChroma(),
}


def chroma(faces: FaceSet, protection: Protection | None) -> np.ndarray:
    """Red and blue chroma within each face of the copies, or of the faces themselves; (N, SIDE, SIDE, 2)."""
    points = faces.points
    assert points is not None
    found = np.empty((len(faces), SIDE, SIDE, 2), np.float32)
    for row, five in enumerate(points.astype(float)):
        photo = np.asarray(faces.images[row])
        copy = photo if protection is None else protect_faces(photo, five[None], protection).image
        found[row] = cv2.cvtColor(align(copy, five, INNER), cv2.COLOR_RGB2YCrCb)[..., 1:]
    return found


def features(found: np.ndarray) -> dict[str, np.ndarray]:
    """What each attacker sees of chroma (N, SIDE, SIDE, 2): (N, features) by the attacker's name."""
    flat = found.reshape(len(found), -1, 2)
    edges = np.linspace(96, 192, BINS + 1)
    counts = [np.histogram(one, edges)[0] for row in flat for one in np.clip(row.T, 96, 192)]
    cells = found.reshape(len(found), CELLS, SIDE // CELLS, CELLS, SIDE // CELLS, 2).mean((2, 4))
    return {
        "means": np.concatenate([flat.mean(1), flat.std(1)], 1),
        "histograms": np.sqrt(np.reshape(counts, (len(found), -1))),
        "map": cells.reshape(len(found), -1),
    }


def scores(found: np.ndarray, female: np.ndarray, learns: np.ndarray, judged: np.ndarray) -> list[np.ndarray]:
    """Of each attacker, trained on the rows `learns`, its scores (n,) of the rows `judged`."""
    out = []
    for values in features(found).values():
        attacker = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=2000))
        attacker.fit(values[learns], female[learns])
        out.append(attacker.decision_function(values[judged]))
    return out


def _text(estimate: Estimate) -> str:
    return f"{estimate.estimate:.3f} [{estimate.low:.3f}, {estimate.high:.3f}]"


def main() -> dict[str, str]:
    """AUC of perceived gender by the strongest attacker on each kind of copy, with 95 % intervals."""
    with tempfile.TemporaryDirectory() as cache:
        faces = load("rendered", FACES, size=112, cache=cache, limit=IMAGES, progress=False)
        female = ~faces.binary("Male")
        learns = np.flatnonzero(faces.labels["split"] == "train")
        judged = np.flatnonzero(faces.labels["split"] != "train")
        subjects, true = faces.subjects[judged], female[judged]
        report = {"images, learnt from and judged": f"{len(learns)}, {len(judged)}"}
        names, strongest = list(features(np.zeros((1, SIDE, SIDE, 2)))), {}
        for way, protection in {"the photographs": None, **WAYS}.items():
            by_attacker = scores(chroma(faces, protection), female, learns, judged)
            found = [bootstrap_auc(one, true, subjects) for one in by_attacker]
            best = int(np.argmax([one.estimate for one in found]))
            strongest[way] = by_attacker[best]
            report[f"AUC, {way}"] = f"{_text(found[best])} by {names[best]}"
        for way in list(WAYS)[1:]:
            apart = bootstrap_auc_difference(strongest[way], strongest["grey"], true, subjects)
            report[f"AUC above grey, {way}"] = _text(apart)
    return report


if __name__ == "__main__":
    from benchmarks.__main__ import show

    show(main())
