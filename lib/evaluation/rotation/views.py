"""Readings and comparisons that attackers work with, kept in one file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from lib.arrays import read_arrays, write_arrays

CODEC, ATTRIBUTES = "codec_identity", "codec_attributes"
"""Readings of the codec's own encoder: the identity half, and the attributes' half less its mean."""
GALLERY, PROBE, RESTORED, REGRESSED = "gallery", "probe", "restored", "regressed"
"""Views that are read: untouched gallery photos; repainted probes; what attackers made of them."""
UNTOUCHED = "original"
"""Condition of photos that nobody changed."""
_PEOPLE = "subjects"


@dataclass
class Views:
    """Readings of groups of subjects by view, condition and reader, and scores of repainted pairs.

    Attributes
    ----------
    subjects : group -> (S,) names.
    readings : group, view, condition, reader -> float (S, D), of the gallery (S, G, D).
    scores : group, attacker, condition, reader -> float (S, S), repainted probes against repainted photos,
        (S, S x G) where whole galleries were repainted.
    """

    subjects: dict[str, np.ndarray] = field(default_factory=dict)
    readings: dict[tuple[str, str, str, str], np.ndarray] = field(default_factory=dict)
    scores: dict[tuple[str, str, str, str], np.ndarray] = field(default_factory=dict)

    def add(self, group: str, view: str, condition: str, by: Mapping[str, np.ndarray]) -> None:
        """Keep what several readers read."""
        for reader, values in by.items():
            self.readings[group, view, condition, reader] = values

    def conditions(self) -> list[str]:
        """Those of the probes, in the order in which they were added."""
        return list(dict.fromkeys(key[2] for key in self.readings if key[1] == PROBE))

    def save(self, path: Path) -> None:
        """Write as float16, in the order in which they were added."""
        write_arrays(path, dict(self._named()))

    def _named(self) -> Iterator[tuple[str, np.ndarray]]:
        for group, names in self.subjects.items():
            yield f"{_PEOPLE}/{group}", np.asarray(names, str)
        for kind in ("readings", "scores"):
            for key, values in getattr(self, kind).items():
                yield "/".join((kind, *key)), np.asarray(values, np.float16)

    @classmethod
    def load(cls, path: Path) -> Views:
        """Read what `save` wrote.

        Raises
        ------
        WeightsError : the file is missing or damaged.
        """
        out = cls()
        for name, values in read_arrays(path).items():
            kind, *key = name.split("/")
            if kind == _PEOPLE:
                out.subjects[key[0]] = values
            else:
                group, view, condition, reader = key
                getattr(out, kind)[group, view, condition, reader] = values.astype(np.float32)
        return out
