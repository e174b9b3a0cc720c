"""The bootstrap over subjects against a plain loop over replicates, in one run.

    python -m benchmarks.bootstrap [scores] [replicates]

The loop draws the same subjects, repeats their images, and calls scikit-learn's roc_auc_score; it runs fewer
replicates and is scaled up.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
from sklearn.metrics import roc_auc_score

from lib.measures.bootstrap_intervals import bootstrap_auc
from lib.measures.resampling import REPLICATES, draw_counts

LOOPED = 50
AGREE = 1e-12


def data(scores: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scores, classes and subjects (8 images each) of `scores` images."""
    generator = np.random.default_rng(seed)
    subjects = np.arange(scores) // 8
    positive = generator.random(subjects.max() + 1)[subjects] < 0.5
    return generator.normal(size=scores) + positive, positive, subjects


def plain(scores: np.ndarray, positive: np.ndarray, subjects: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """AUC of each row of counts (R, S), replicate by replicate."""
    values = []
    for row in counts.astype(int):
        rows = np.repeat(np.arange(len(scores)), row[subjects])
        values.append(roc_auc_score(positive[rows], scores[rows]))
    return np.array(values)


def main(scores: int = 20_000, replicates: int = REPLICATES, looped: int = LOOPED) -> dict[str, float | str]:
    """CPU seconds of both, and how many times faster the vectorised one is."""
    sample = data(scores)
    start = time.process_time()
    figure = bootstrap_auc(*sample, replicates=replicates)
    vectorised = time.process_time() - start

    counts = draw_counts(sample[2].max() + 1, looped, np.random.default_rng([0, 0]))
    start = time.process_time()
    values = plain(*sample, counts)
    loop = (time.process_time() - start) * replicates / looped

    first = bootstrap_auc(*sample, replicates=looped)
    limits = np.quantile(values, [0.025, 0.975])
    if np.abs(limits - [first.low, first.high]).max() > AGREE:
        raise AssertionError(f"both must draw the same: {limits} and {first}")
    return {
        f"AUC of {scores} scores, {replicates} replicates": f"{figure:.4f}",
        "vectorised, CPU seconds": vectorised,
        f"loop over roc_auc_score, CPU seconds (from {looped} replicates)": loop,
        "ratio": loop / vectorised,
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scores", nargs="?", type=int, default=20_000)
    parser.add_argument("replicates", nargs="?", type=int, default=REPLICATES)
    given = parser.parse_args()
    for what, value in main(given.scores, given.replicates).items():
        print(f"{what}: {value if isinstance(value, str) else format(value, '.3g')}")
