"""White-box inversion: the code of a generated face, recovered from its 8-bit picture.

A generator whose weights are known is a function that can be inverted. So what its pictures give away is
what its codes give away, and attackers of codes are the strongest attackers of pictures. Gauss-Newton from a
linear guess, with the Jacobian by differences, needs no gradients of the generator, only its pictures.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import Ridge
from tqdm import tqdm

STEPS = 12
_STEP = 0.05  # of the differences, in standard deviations of a code's numbers
_DAMPING = 1e-3
_LEAST_GAIN = 1e-3  # relative; below it a search has ended

Painter = Callable[[np.ndarray], np.ndarray]
"""From codes (N, D) to pictures (N, H, W) in grey levels 0 to 255, not rounded."""


@dataclass(frozen=True)
class InvertedCodes:
    """Codes recovered from pictures.

    Attributes
    ----------
    codes : float64 (N, D).
    distances : float64 (N,), RMSE in grey levels of the picture that a recovered code gives.
    """

    codes: np.ndarray
    distances: np.ndarray


def linear_guess(pictures: np.ndarray, codes: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """Ridge regression from pictures to codes, learned from pictures that the attackers generated themselves.

    Parameters
    ----------
    pictures : (N, H, W). codes : (N, D) behind them.

    Returns
    -------
    Function from pictures (M, H, W) to codes (M, D).
    """
    flat = np.asarray(pictures, np.float32).reshape(len(pictures), -1) / 255
    solved = Ridge(alpha=1.0).fit(flat, codes)
    return lambda other: solved.predict(np.asarray(other, np.float32).reshape(len(other), -1) / 255)


def invert(paint: Painter, pictures: np.ndarray, start: np.ndarray, *, steps: int = STEPS) -> InvertedCodes:
    """Recover the codes of generated pictures.

    Parameters
    ----------
    paint : the generator.
    pictures : uint8 (N, H, W), as they were stored.
    start : (N, D) first guess, as of `linear_guess`; numbers of variance about 1.
    steps : of Gauss-Newton at most.

    Raises
    ------
    ValueError : pictures and guesses differ in number.
    """
    if len(pictures) != len(start):
        raise ValueError(f"{len(pictures)} pictures need as many first guesses, got {len(start)}")
    bar = tqdm(zip(pictures, start, strict=True), total=len(start), desc="inversion", leave=False)
    found = [_invert_one(paint, picture, np.asarray(guess, np.float64), steps) for picture, guess in bar]
    return InvertedCodes(np.stack([code for code, _ in found]), np.array([error for _, error in found]))


def _invert_one(
    paint: Painter, picture: np.ndarray, code: np.ndarray, steps: int
) -> tuple[np.ndarray, float]:
    wanted = picture.astype(np.float64).ravel()
    shifts = _STEP * np.eye(len(code))
    now = _flat(paint, code[None])[0]
    error = np.mean(np.square(now - wanted))
    for _ in range(steps):
        slopes = (_flat(paint, code + shifts) - now) / _STEP  # (D, pixels)
        normal = slopes @ slopes.T
        normal += _DAMPING * np.trace(normal) / len(code) * np.eye(len(code))
        move = np.linalg.solve(normal, slopes @ (wanted - now))
        trials = code + np.outer(0.5 ** np.arange(5), move)
        painted = _flat(paint, trials)
        errors = np.mean(np.square(painted - wanted), axis=1)
        best = int(np.argmin(errors))
        if errors[best] > (1 - _LEAST_GAIN) * error:
            break
        code, now, error = trials[best], painted[best], errors[best]
    return code, float(np.sqrt(error))


def _flat(paint: Painter, codes: np.ndarray) -> np.ndarray:
    return np.asarray(paint(codes), np.float64).reshape(len(codes), -1)
