"""CachedJudge: keeps the answers of a slow judge on disk, per image."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from joblib import Memory

from lib.judges.base import Judge, Judgement, judge_batches


class CachedJudge:
    """Judge that looks up answers on disk and asks the wrapped judge only about new images.

    A stage that was stopped, and the next chapter that shows the same pictures, ask only about the others.

    Attributes
    ----------
    card : the judge's own.
    """

    def __init__(self, judge: Judge, folder: str | Path) -> None:
        """Cache the answers of `judge` in `folder`."""
        self.card = judge.card
        self._judge = judge
        self._ask = Memory(folder, verbose=0).cache(_answers, ignore=["judge"])

    def __call__(self, images: np.ndarray, points: np.ndarray | None = None) -> Judgement:
        """Judgement of `images`, uint8 (N, H, W, 3) RGB, with their `points` (N, 5, 2).

        Without points the judge looks for the faces itself, and nothing is remembered.
        """
        if points is None:
            return self._judge(images, points)
        return judge_batches(self._rows, images, points, progress=self.card.name)

    def _rows(self, images: np.ndarray, points: np.ndarray) -> np.ndarray:
        weights = self.card.sha256  # part of the cache key
        shown = [(self.card.name, weights, *one) for one in zip(images, points, strict=True)]
        new = [number for number, one in enumerate(shown) if not self._ask.check_call_in_cache(*one, None)]
        said = dict(zip(new, self._judge(images[new], points[new]).values, strict=True)) if new else {}
        return np.stack(
            [self._ask(*one, _CachedAnswer(said.get(number))) for number, one in enumerate(shown)]
        )


@dataclass(frozen=True)
class _CachedAnswer:
    """Stand-in for the judge while its answer for one image is written to the cache."""

    values: np.ndarray | None

    def __call__(self, images: np.ndarray, points: np.ndarray) -> Judgement:
        assert self.values is not None, "kept a moment ago, gone now: the folder is being cleared"
        return Judgement(self.values[None], np.ones(1, bool))


def _answers(
    name: str, weights: tuple[str, ...], image: np.ndarray, five: np.ndarray, judge: Judge
) -> np.ndarray:
    return judge(image[None], five[None]).values[0]
