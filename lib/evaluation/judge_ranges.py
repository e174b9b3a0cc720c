"""The range of one measure over several judges of a result, for a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lib.measures.estimate import as_estimate


def estimates(found: Mapping[str, Any], who: Sequence[str], treatment: str, measure: str) -> list[float]:
    """Estimates of all judges whose name starts with one of `who` and who saw the treatment.

    Parameters
    ----------
    found : judge -> treatment -> measure -> figure, as chapter 05 keeps one set of faces.
    """
    asked = (one for name, one in found.items() if name.startswith(tuple(who)) and treatment in one)
    return [as_estimate(one[treatment][measure]).estimate for one in asked]


def spread(
    found: Mapping[str, Any], who: Sequence[str], treatment: str, measure: str, form: str = ".2f"
) -> str:
    """`0.38 to 0.65`, lowest and highest of `estimates`; a dash where nobody was asked."""
    values = estimates(found, who, treatment, measure)
    return f"{min(values):{form}} to {max(values):{form}}" if values else "–"
