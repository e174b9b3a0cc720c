"""Range of a measure over several judges of a result, as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lib.measures.estimate import as_estimate


def estimates(found: Mapping[str, Any], who: Sequence[str], treatment: str, measure: str) -> list[float]:
    """Estimates of one measure and treatment by all judges whose name starts with one of `who`.

    Parameters
    ----------
    found : judge -> treatment -> measure -> figure, as chapter 05 keeps one set of faces.
    """
    asked = (one for name, one in found.items() if name.startswith(tuple(who)) and treatment in one)
    return [as_estimate(one[treatment][measure]).estimate for one in asked]


def spread(
    found: Mapping[str, Any], who: Sequence[str], treatment: str, measure: str, form: str = ".2f"
) -> str:
    """Lowest and highest of `estimates` as text, `0.38 to 0.65`; a dash if there are none."""
    values = estimates(found, who, treatment, measure)
    return f"{min(values):{form}} to {max(values):{form}}" if values else "–"
