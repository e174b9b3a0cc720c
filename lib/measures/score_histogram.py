"""Verification rates from all pairs of many embeddings in bounded memory: scores are counted in fine bins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lib.measures import roc
from lib.measures.pairs import BLOCK, Metric, prepared
from lib.measures.thresholds import SortedScores
from lib.measures.ties import allowed_impostors, round_for_ties, round_lengths_for_ties
from lib.measures.validation import check_lengths, encode_labels


@dataclass(frozen=True)
class ScoreHistogram:
    """Histogram of the scores of all pairs in equal bins; two scores in one bin are a tie.

    Attributes
    ----------
    edges : (K + 1,) bin edges, rising; a score s lies in bin k if edges[k] <= s < edges[k + 1].
    impostor, genuine : (K,) int64 counts.
    how : how the impostors were formed.
    missing : embeddings left out because they were missing.
    """

    edges: np.ndarray
    impostor: np.ndarray
    genuine: np.ndarray
    how: str
    missing: int

    def _filled(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        kept = (self.impostor > 0) | (self.genuine > 0)
        return self.edges[1:][kept], self.impostor[kept], self.genuine[kept]

    def auc(self) -> float:
        """AUC; off by at most half the share of (mated, non-mated) score pairs that fall into one bin."""
        scores, impostor, genuine = self._filled()
        return roc.auc(scores, scores, impostor_weights=impostor, genuine_weights=genuine)

    def eer(self) -> roc.EqualErrorRate:
        """Equal error rate of the binned scores."""
        scores, impostor, genuine = self._filled()
        return roc.eer(scores, scores, impostor_weights=impostor, genuine_weights=genuine)

    def curve(self) -> roc.RocCurve:
        """ROC curve with one vertex per filled bin."""
        scores, impostor, genuine = self._filled()
        return roc.curve(scores, scores, impostor_weights=impostor, genuine_weights=genuine)

    def tmr_at_fmr(self, fmr: float) -> roc.OperatingPoint:
        """TMR at an FMR of at most `fmr`; the threshold is a bin's upper edge, itself accepted."""
        scores, impostor, genuine = self._filled()
        counted = SortedScores.of(scores, scores).weighted(impostor, genuine)
        threshold = counted.threshold_at_fmr(fmr)
        allowed = int(allowed_impostors(fmr, impostor.sum()))
        return roc.OperatingPoint(
            wanted=fmr,
            threshold=float(np.nextafter(threshold[0], -np.inf)),
            fmr=float(counted.fmr_above(threshold)[0]),
            tmr=float(counted.tmr_above(threshold)[0]),
            allowed=allowed,
            impostors=int(impostor.sum()),
            genuines=int(genuine.sum()),
            supported=allowed >= 1,
        )


def _range(rows: np.ndarray, metric: Metric) -> tuple[float, float]:
    if metric == "cosine":
        return -1.0, 1.0
    longest = float(np.linalg.norm(rows, axis=1).max(initial=0.5))
    return -2 * longest, 0.0


def _block(rows: np.ndarray, start: int, stop: int, metric: Metric) -> np.ndarray:
    """Scores of rows `start` to `stop` with all later rows, rounded so that block sizes do not matter."""
    product = rows[start:stop] @ rows[start:].T
    if metric == "cosine":
        return round_for_ties(product)
    squares = np.einsum("nd,nd->n", rows, rows)
    longest = squares.max(initial=0) or 1.0
    apart = (squares[start:stop, None] + squares[None, start:] - 2 * product) / longest
    return -round_lengths_for_ties(np.sqrt(np.maximum(round_for_ties(apart), 0) * longest))


def score_histogram(
    embeddings: ArrayLike,
    subjects: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    metric: Metric = "cosine",
    bins: int = 20_000,
) -> ScoreHistogram:
    """Count the scores of all unordered pairs of `embeddings` (N, D).

    Memory is a few blocks of 2 million numbers and the embeddings, whatever N. No interval comes with it:
    that of `verification.verify_embeddings` on drawn impostors does.

    Parameters
    ----------
    subjects : (N,). groups : (N,), impostors then share it.
    metric : cosine similarity, or minus the Euclidean distance.
    bins : equal bins over the range of the scores.
    """
    rows = prepared(embeddings, metric)
    (people,), _ = encode_labels(subjects)
    (group,), _ = encode_labels(np.zeros(len(rows)) if groups is None else groups)
    check_lengths(len(rows), subjects=people, groups=group)
    there = ~np.isnan(rows[:, 0])
    rows, people, group = rows[there], people[there], group[there]
    low, high = _range(rows, metric)
    counts = np.zeros((2, bins), dtype=np.int64)
    step = max(1, BLOCK // max(1, len(rows)))
    for start in range(0, len(rows), step):
        stop = min(start + step, len(rows))
        scores = _block(rows, start, stop, metric)
        at = np.clip(((scores - low) * (bins / (high - low))).astype(np.int64), 0, bins - 1)
        later = np.arange(start, stop)[:, None] < np.arange(start, len(rows))[None]
        mated = people[start:stop, None] == people[None, start:]
        strangers = ~mated & (group[start:stop, None] == group[None, start:])
        counts[0] += np.bincount(at[strangers & later], minlength=bins)
        counts[1] += np.bincount(at[mated & later], minlength=bins)
    how = "all cross pairs" if groups is None else "pairs of the same group only"
    return ScoreHistogram(np.linspace(low, high, bins + 1), counts[0], counts[1], how, int((~there).sum()))
