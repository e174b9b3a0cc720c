"""Judges made of networks that other groups published, read from the user's folder.

They are no part of this repository: a user names their folder. Each file's hash is checked, nothing in it is
unpickled, none of their authors' code runs.
"""

from __future__ import annotations

import os
from pathlib import Path

import cv2
import numpy as np

from lib.faces.loading.align import align
from lib.judges.base import BATCH, Detector, Judge, JudgeError, Judgement, judge_batches
from lib.judges.layer_graph import LayerGraph
from lib.judges.published_cards_and_crops import PROTOTYPES, PROTOTYPES_SHA256, RECIPES, SHA256, YUNET, Recipe
from lib.judges.weights import checked
from lib.judges.yunet import YuNet

VARIABLE = "FACEVALUE_PUBLISHED"
_REMEDY = "copy the folder of published networks again"


class Networks:
    """The user's folder of published networks; each is hash-checked and read at first use.

    Attributes
    ----------
    folder : where the .npz files lie.
    """

    def __init__(self, folder: str | Path | None = None) -> None:
        """Locate the folder: the parameter, else the environment variable FACEVALUE_PUBLISHED.

        Raises
        ------
        JudgeError : neither names a folder.
        """
        named = folder or os.environ.get(VARIABLE, "")
        if not named or not Path(named).is_dir():
            said = f"{named} is no folder" if named else "no folder is named"
            raise JudgeError(
                f"the published networks are not part of this project and {said}: put their .npz files into "
                f"a folder and name it in the parameter `folder` or the environment variable {VARIABLE}; "
                "without them the judges that come by pip (dlib, mtcnn) still work"
            )
        self.folder = Path(named)
        self._graphs: dict[str, LayerGraph] = {}

    def path(self, name: str) -> Path:
        """Path of a network's file, after a check of its hash.

        Raises
        ------
        JudgeError : no such network, its file is missing or is another one.
        """
        if name not in SHA256:
            raise JudgeError(f"no published network {name!r}; there are {', '.join(SHA256)}")
        return checked(self.folder / f"{name}.npz", SHA256[name], _REMEDY)

    def graph(self, name: str) -> LayerGraph:
        """The network of that name, read once and shared by its judges."""
        if name not in self._graphs:
            self._graphs[name] = LayerGraph.read(self.path(name))
        return self._graphs[name]

    def check(self) -> None:
        """Check the hashes of all networks, so that a wrong file is reported before work starts."""
        for name in SHA256:
            self.path(name)

    def prototypes(self) -> dict[str, np.ndarray]:
        """Load the prototypes of the published semi-adversarial network.

        Returns
        -------
        `male`, `female`, `neutral`: uint8 (224, 224, 3) RGB; `points`: (5, 2) pixels, to align faces to.
        """
        path = checked(self.folder / f"{PROTOTYPES}.npz", PROTOTYPES_SHA256, _REMEDY)
        with np.load(path, allow_pickle=False) as file:
            return {key: file[key] for key in file.files}


class PublishedJudge:
    """Judge made of one published network with the crop that it needs.

    Attributes
    ----------
    card : who it is.
    """

    def __init__(self, recipe: Recipe, networks: Networks) -> None:
        self.card, self._recipe, self._networks = recipe.card, recipe, networks
        height, width = self.card.size
        self.batch = int(np.clip(BATCH * 112 * 112 // (height * width), 1, BATCH))

    def crops(self, images: np.ndarray, points: np.ndarray) -> np.ndarray:
        """Crop faces as the network expects them.

        Parameters
        ----------
        images : uint8 (n, H, W, 3) RGB.
        points : (n, 5, 2) pixels, all known.

        Returns
        -------
        float32 (n, height, width, 3 or 1) in [0, 1].
        """
        template = self._recipe.template
        cut = [align(image, five, template) for image, five in zip(images, points, strict=True)]
        return self._prepared(np.stack(cut))

    def _prepared(self, crops: np.ndarray) -> np.ndarray:
        x = crops.astype(np.float32) / np.float32(255)
        if self.card.colour == "rgb":
            return x
        return np.stack([cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY) for crop in x])[..., None]

    def score(self, crops: np.ndarray) -> np.ndarray:
        """Scores (n,) or embeddings (n, D) of crops made by `crops`."""
        y = self._networks.graph(self._recipe.network)(crops)[self._recipe.output]
        return self._recipe.read(y.numpy())

    def as_published(self, images: np.ndarray, points: np.ndarray) -> Judgement:
        """Embed faces as the publisher of a recogniser did, with the mirrored crop if that was used.

        Parameters
        ----------
        images, points : as for a call; photographs in colour and full resolution.
        """
        if not self._recipe.mirrored:
            return self(images, points)

        def joined(part: np.ndarray, five: np.ndarray) -> np.ndarray:
            crops = self.crops(part, five)
            both = np.concatenate([self.score(crops), self.score(crops[:, :, ::-1])], axis=1)
            return both / np.linalg.norm(both, axis=1, keepdims=True)

        return judge_batches(joined, images, points, batch=self.batch)

    def __call__(self, images: np.ndarray, points: np.ndarray | None = None) -> Judgement:
        """Score or embed faces.

        Parameters
        ----------
        images : uint8 (N, H, W, 3) RGB, may be a memory map.
        points : (N, 5, 2) pixels, NaN where no face was found: such a row is not judged.

        Raises
        ------
        JudgeError : no points; the network finds no faces itself, and a whole picture is no crop.
        """
        if points is None:
            raise JudgeError(f"{self.card.name} needs five points: find them (find_subject_faces)")
        return judge_batches(
            lambda part, five: self.score(self.crops(part, five)), images, points, batch=self.batch
        )

    def framed(self, images: np.ndarray) -> Judgement:
        """Judge images that are already cropped as the card says, such as FER-2013's.

        Parameters
        ----------
        images : uint8 (N, H, W, 3) RGB; resized to the network's input, all rows count as acquired.
        """
        size = self.card.size[::-1]

        def scored(part: np.ndarray, _: np.ndarray) -> np.ndarray:
            resized = [cv2.resize(image, size, interpolation=cv2.INTER_LINEAR) for image in part]
            return self.score(self._prepared(np.stack(resized)))

        return judge_batches(scored, images, np.zeros((len(images), 5, 2)), batch=self.batch)


def yunet(networks: Networks) -> YuNet:
    """Build the published detector YuNet."""
    return YuNet(YUNET, networks.graph("face_detector_yunet"))


def published_judge(name: str, networks: Networks) -> PublishedJudge:
    """Build one published judge by its name.

    Raises
    ------
    JudgeError : no such judge.
    """
    if name not in RECIPES:
        raise JudgeError(f"no published judge {name!r}; there are {', '.join(RECIPES)}")
    return PublishedJudge(RECIPES[name], networks)


def published_judges(folder: str | Path | None = None) -> dict[str, Detector | Judge]:
    """The published detector and the eighteen judges made of the published networks, by name.

    Parameters
    ----------
    folder : of the .npz files; None takes the environment variable FACEVALUE_PUBLISHED.

    Raises
    ------
    JudgeError : no folder, or a file in it is missing or another one than was measured.
    """
    networks = Networks(folder)
    networks.check()
    judges: dict[str, Detector | Judge] = {YUNET.name: yunet(networks)}
    return judges | {name: published_judge(name, networks) for name in RECIPES}
