"""Checks of a printed report of a classifier: what contradicts itself raises CheckError."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class CheckError(AssertionError):
    """A report that contradicts itself; the message says where."""


def check_support(counts: Mapping[str, int] | Sequence[int], n: int) -> None:
    """Raise CheckError unless the support of all classes sums to `n`, the size of the test set."""
    total = sum(counts.values() if isinstance(counts, Mapping) else counts)
    if total != n:
        raise CheckError(f"support sums to {total}, the test set has {n}")


def check_weighted_recall(
    recalls: Sequence[float], counts: Sequence[int], accuracy: float, *, digits: int = 12
) -> None:
    """Raise CheckError unless recall weighted by support equals accuracy to `digits` decimals.

    Parameters
    ----------
    recalls, counts : recall and support of each class; classes without support do not count.
    """
    known = [(recall, count) for recall, count in zip(recalls, counts, strict=True) if count]
    mean = sum(recall * count for recall, count in known) / sum(count for _, count in known)
    if abs(mean - accuracy) > 10**-digits:
        raise CheckError(f"weighted recall {mean:.6f} is not accuracy {accuracy:.6f}")
