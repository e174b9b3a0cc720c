"""How much of a person the attributes' halves tell, and how many directions are taken out of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Unpack

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from lib.deidentify.cleanir.attribute_cleaning import AttributeCleaner
from lib.evaluation.rotation.comparisons import Comparisons, plain_auc, plain_tmr, verified
from lib.evaluation.rotation.people import CHOOSERS, STRANGERS, TEST
from lib.evaluation.rotation.views import ATTRIBUTES, GALLERY, PROBE, UNTOUCHED, Views
from lib.measures.bootstrap_intervals import bootstrap_proportion
from lib.measures.estimate import Estimate
from lib.measures.resampling import BootstrapOptions

WANTED_AUC = 0.55
"""AUC by which untouched halves of one person may still be told from those of strangers."""


def halves_compared(views: Views, group: str, cleaner: AttributeCleaner | None = None) -> Comparisons:
    """Untouched probes against the untouched gallery by their attributes' halves, cleaned if need be."""
    read = [views.readings[group, view, UNTOUCHED, ATTRIBUTES] for view in (PROBE, GALLERY)]
    if cleaner is not None:
        read = [(cleaned_rows(cleaner, one)).reshape(one.shape) for one in read]
    return Comparisons.of(read[0], read[1], views.subjects[group])


def cleaned_rows(cleaner: AttributeCleaner, readings: np.ndarray) -> np.ndarray:
    """Readings ATTRIBUTES (..., A), which lack the mean, cleaned, (N, A)."""
    rows = np.nan_to_num(readings.reshape(-1, readings.shape[-1]))
    return np.asarray(cleaner(rows + cleaner.mean) - cleaner.mean)


def leaks(views: Views, cleaner: AttributeCleaner, candidates: Sequence[int]) -> pd.DataFrame:
    """What halves tell of the choosers, by the number of removed directions: `removed`, `auc`, `tmr`."""
    rows = []
    for removed in candidates:
        one = cleaner.removing(removed)
        pair = halves_compared(views, CHOOSERS, one), halves_compared(views, STRANGERS, one)
        rows.append({"removed": removed, "auc": plain_auc(*pair), "tmr": plain_tmr(*pair)})
    return pd.DataFrame(rows)


def enough_removed(table: pd.DataFrame, wanted: float = WANTED_AUC) -> int:
    """The first number of directions by which halves tell no more than wanted, else that of the least AUC."""
    few = table[table["auc"] <= wanted]
    row = few.iloc[0] if len(few) else table.sort_values("auc", kind="stable").iloc[0]
    return int(row["removed"])


@dataclass(frozen=True)
class Told:
    """What the attributes' halves of untouched photos tell of test subjects.

    Attributes
    ----------
    auc : direction-free, of one person's against strangers'. tmr : at an FMR of 1 %. fmr : reached there.
    expression : share of test photos whose expression a linear reader of the half names right.
    """

    auc: Estimate
    tmr: Estimate
    fmr: Estimate
    expression: Estimate

    def results(self) -> dict[str, Any]:
        """What results keep."""
        return {
            "auc": self.auc,
            "tmr_at_fmr_1": self.tmr,
            "reached_fmr_1": self.fmr,
            "expression": self.expression,
        }


def told(
    views: Views, cleaner: AttributeCleaner | None, expression: Estimate, **draws: Unpack[BootstrapOptions]
) -> Told:
    """What halves tell of the test subjects, before (no cleaner) or after cleaning."""
    own, known = (halves_compared(views, group, cleaner) for group in (TEST, STRANGERS))
    found, free = verified(own, known, **draws)
    return Told(free.auc, found.tmr[0.01], found.fmr[0.01], expression)


def expression_told(
    train: tuple[np.ndarray, np.ndarray],
    test: tuple[np.ndarray, np.ndarray],
    subjects: np.ndarray,
    cleaner: AttributeCleaner | None = None,
    **draws: Unpack[BootstrapOptions],
) -> Estimate:
    """Share of test photos whose expression a linear reader of attributes' halves names right.

    Parameters
    ----------
    train, test : halves (N, A) and expressions (N,), of other subjects. subjects : (N,) of the test photos.
    cleaner : applied to both; the reader learns anew.
    """
    clean = np.asarray if cleaner is None else cleaner
    reader = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=400))
    reader.fit(clean(train[0]), train[1])
    return bootstrap_proportion(reader.predict(clean(test[0])) == test[1], subjects, **draws)
