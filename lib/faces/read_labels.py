"""Which labels of a set can be read from its pictures, and what is said of them by who does not look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from lib.faces.faceset import EXPRESSIONS, FaceSet

MEASURED = ("age", "yaw", "pitch", "gaze")
"""Labels that are numbers: years; degrees of the head's turn to the side and up, and of the eyes' too."""
MIRRORED = ("yaw", "gaze")
"""Those that change their sign in a mirrored picture."""
LEAST = 20
"""Images with and without an attribute that somebody needs to learn it."""


@dataclass(frozen=True)
class ReadLabels:
    """What can be learned from a set of faces.

    Attributes
    ----------
    expression : whether all seven expressions are labelled.
    attributes : names of binary attributes.
    numbers : name -> mean and standard deviation in training, by which it is scaled; in the order of
        MEASURED, which is that of a network's outputs.
    majority : attribute -> whether most training images have it: what one says without looking.
    median : number -> median in training, likewise.
    """

    expression: bool
    attributes: tuple[str, ...]
    numbers: Mapping[str, tuple[float, float]]
    majority: Mapping[str, bool]
    median: Mapping[str, float]

    @classmethod
    def of(cls, faces: FaceSet, rows: np.ndarray, validation: np.ndarray) -> ReadLabels:
        """Labels that are known in all rows; attributes that neither few nor nearly all images have.

        Parameters
        ----------
        rows, validation : to learn from; of other subjects.
        """
        labels, both = faces.labels, np.concatenate([rows, validation])
        known = {str(name) for name in labels if labels[name].iloc[both].notna().all()}
        shown = set(labels["expression"].iloc[rows]) if "expression" in known else set()
        binary = [str(name) for name in faces.attributes if name in known]
        counts = {name: int(faces.binary(name, rows).sum()) for name in binary}
        names = tuple(name for name, count in counts.items() if LEAST <= count <= len(rows) - LEAST)
        values = {name: labels[name].iloc[rows].to_numpy(float) for name in MEASURED if name in known}
        values = {name: one for name, one in values.items() if one.std() > 0}
        return cls(
            set(EXPRESSIONS) <= shown,
            names,
            {name: (float(one.mean()), float(one.std())) for name, one in values.items()},
            {name: 2 * counts[name] > len(rows) for name in names},
            {name: float(np.median(one)) for name, one in values.items()},
        )

    @classmethod
    def kept(cls, about: Mapping[str, Any]) -> ReadLabels:
        """Those that `facts` wrote among the facts of a network."""
        told = about["labels"]
        scales = {name: (float(one[0]), float(one[1])) for name, one in told["numbers"].items()}
        numbers = {name: scales[name] for name in MEASURED if name in scales}  # files sort their keys
        return cls(told["expression"], tuple(told["attributes"]), numbers, told["majority"], told["median"])

    def facts(self) -> dict[str, Any]:
        """As JSON, to be kept with a network."""
        return {"labels": {**asdict(self), "attributes": list(self.attributes)}}

    def settings(self) -> dict[str, int]:
        """Sizes of the heads, arguments of `networks.face_reader`."""
        return {
            "expressions": len(EXPRESSIONS) * self.expression,
            "attributes": len(self.attributes),
            "numbers": len(self.numbers),
        }

    def mirrored(self) -> tuple[float, ...]:
        """Factor of each number in a mirrored picture: -1 for a turn to the side."""
        return tuple(-1.0 if name in MIRRORED else 1.0 for name in self.numbers)
