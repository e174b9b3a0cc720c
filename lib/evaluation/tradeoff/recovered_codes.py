"""Codes recovered from pictures of `private` by somebody who owns its weights, held against the true ones.

If they come back, what a code gives away is what its picture gives away, and attackers of codes are the
strongest attackers of pictures. The attackers generate pictures of random codes, learn a first guess from
them, and refine it picture by picture (`attacks.code_inversion`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Unpack

import cv2
import numpy as np

from lib.arrays import read_arrays, write_arrays
from lib.deidentify.attacks.code_inversion import Painter, invert, linear_guess
from lib.deidentify.private.encoder import FaceCodes
from lib.deidentify.private.protection import Private
from lib.evaluation.tradeoff.set_codes import SetCodes, code_split, coded_rows
from lib.faces.faceset import FaceSet
from lib.faces.row_sampling import limit_per_subject, subsample
from lib.measures.bootstrap_intervals import bootstrap_mean, never_certain
from lib.measures.estimate import Estimate
from lib.measures.resampling import BootstrapOptions
from lib.networks.predict import predict

GUESSES = 2000
"""Pictures that the attackers generate for their first guess."""
RECOVERED = 0.1
"""Standard deviations within which a number counts as recovered."""


@dataclass(frozen=True)
class Inversion:
    """True and recovered codes of some pictures.

    Attributes
    ----------
    true, found : float64 (N, D), nuisance numbers at the end.
    spread : (D,) standard deviation of each number over the attackers' own codes.
    distances : (N,) RMSE in grey levels between a picture and the one that its recovered code gives.
    dimension : numbers of the code; the others are nuisance numbers.
    """

    true: np.ndarray
    found: np.ndarray
    spread: np.ndarray
    distances: np.ndarray
    dimension: int

    @property
    def errors(self) -> np.ndarray:
        """(N, D) distance of each number to the true one, in standard deviations."""
        return np.abs(self.found - self.true) / self.spread

    @property
    def median_error(self) -> float:
        """Median over pictures and numbers, in standard deviations."""
        return float(np.median(self.errors))

    @property
    def directions(self) -> float:
        """Share of the numbers that come back within RECOVERED in at least half of the pictures."""
        return float(np.mean(np.median(self.errors, axis=0) <= RECOVERED))

    def numbers(self, **draws: Unpack[BootstrapOptions]) -> Estimate:
        """Share of all numbers that come back within RECOVERED, its interval over pictures.

        Parameters
        ----------
        draws : `replicates`, `seed`; each picture is of another subject.
        """
        share = (self.errors <= RECOVERED).mean(axis=1)
        return never_certain(bootstrap_mean(share, np.arange(len(share)), **draws))

    def results(self, **draws: Unpack[BootstrapOptions]) -> dict[str, object]:
        """What results keep of it."""
        return {
            "pictures": len(self.true),
            "numbers": self.numbers(**draws),
            "directions": self.directions,
            "median_error": self.median_error,
            "distance": float(np.median(self.distances)),
        }

    def save(self, path: str | Path) -> None:
        """Write it into an npz file."""
        write_arrays(
            path,
            {
                "true": self.true,
                "found": self.found,
                "spread": self.spread,
                "distances": self.distances,
                "dimension": np.array(self.dimension),
            },
        )

    @classmethod
    def load(cls, path: str | Path) -> Inversion:
        """Read what `save` wrote; WeightsError where the file is missing or damaged."""
        one = read_arrays(path)
        return cls(one["true"], one["found"], one["spread"], one["distances"], int(one["dimension"]))


def painter(private: Private) -> Painter:
    """The generator and the enlargement to the photograph's size, not rounded, from all that it is told."""
    dimension = private.coder.dimension
    named = "nuisance" in private.generator.input

    def paint(told: np.ndarray) -> np.ndarray:
        """Grey pictures (N, H, W) float32 in [0, 255] from rows (N, D) of codes and nuisance numbers."""
        rows = np.asarray(told, np.float32)
        given = {"code": rows[:, :dimension]} | ({"nuisance": rows[:, dimension:]} if named else {})
        faces = 255 * np.clip(np.asarray(predict(private.generator, given), np.float32)[..., 0], 0, 1)
        if faces.shape[1:] == private.size:
            return faces
        return np.stack([cv2.resize(one, private.size, interpolation=cv2.INTER_LINEAR) for one in faces])

    return paint


def random_codes(told: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Codes (count, D) of faces that nobody has: normal, with mean and covariance of known codes (N, D)."""
    generator = np.random.default_rng(seed)
    return generator.multivariate_normal(told.mean(axis=0), np.cov(told.T), count, method="eigh")


def invert_pictures(
    private: Private, told: np.ndarray, own: np.ndarray, *, guesses: int = GUESSES, seed: int = 0
) -> Inversion:
    """Make the 8-bit pictures of some codes, and recover the codes from them.

    Parameters
    ----------
    told : (N, D) of the attacked, one picture each.
    own : (M, D) of the attackers' own subjects, which say how codes are distributed.
    guesses : pictures that the attackers generate.
    seed : of their codes.
    """
    dimension = private.coder.dimension
    made = random_codes(own, guesses, seed)
    guess = linear_guess(_pictures(private, made, dimension), made)
    pictures = _pictures(private, told, dimension)
    found = invert(painter(private), pictures, guess(pictures))
    true = np.asarray(told, np.float64)
    return Inversion(true, found.codes, own.std(axis=0) + 1e-9, found.distances, dimension)


def _pictures(private: Private, told: np.ndarray, dimension: int) -> np.ndarray:
    rows = np.asarray(told, np.float32)
    codes = FaceCodes(rows[:, :dimension], rows[:, dimension:], np.ones(len(rows), bool))
    return private.picture(codes)[..., 0]


def keep_codes(
    private: Private, sets: Mapping[str, FaceSet], folder: Path, *, most: int, inverted: int, seed: int
) -> None:
    """Make the codes of all sets, invert pictures of the first set's test subjects, and keep it all.

    Parameters
    ----------
    sets : name -> faces. folder : where `kept_codes` reads.
    most : pictures of a subject, 0: all. inverted : pictures, one for each subject.
    seed : of the draw of subjects and of the attackers' own pictures.
    """
    kept = {name: SetCodes.of(private, faces, coded_rows(faces, most)) for name, faces in sets.items()}
    for name, codes in kept.items():
        codes.save(folder / f"codes_{name}.npz")
    first, faces = next(iter(sets.items()))
    parts, codes = code_split(faces), kept[first]
    one_each = limit_per_subject(faces.labels, np.intersect1d(codes.rows, parts.test), 1)
    attacked = np.isin(codes.rows, subsample(one_each, inverted, seed))
    own = codes.told[np.isin(codes.rows, parts.train)]
    invert_pictures(private, codes.told[attacked], own, seed=seed).save(folder / "inversion.npz")


def kept_codes(names: Mapping[str, FaceSet], folder: Path) -> tuple[dict[str, SetCodes], Inversion]:
    """What `keep_codes` kept of these sets; WeightsError where a file is missing."""
    codes = {name: SetCodes.load(folder / f"codes_{name}.npz") for name in names}
    return codes, Inversion.load(folder / "inversion.npz")
