"""Table 2 of Cho, Lee and Suh (2020): matching rates at fixed distances, ours beside it, with the FMR."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

import numpy as np
import pandas as pd

from lib.evaluation.rotation.comparisons import Comparisons
from lib.measures.distance_threshold_table import MatchingTable, distance_threshold_table, distance_thresholds
from lib.measures.resampling import BootstrapOptions

ORIGINAL = "original"
"""Column of the untouched probe."""
SOURCE_ANGLES = (0, 30, 60, 90, 120, 150, 180)
COLUMNS = (ORIGINAL, *map(str, SOURCE_ANGLES))
MARKED = (0.001, 0.01)
"""False match rates whose distance is marked."""


def threshold_tables(
    compared: Mapping[str, Comparisons], **draws: Unpack[BootstrapOptions]
) -> dict[str, MatchingTable]:
    """Column -> matching rates of the probes at the distances of the source, 1 - cos.

    Parameters
    ----------
    compared : column -> comparisons of these probes with the untouched gallery.
    """
    out = {}
    for name, one in compared.items():
        pairs = one.first(1).pairs()
        out[name] = distance_threshold_table(
            1 - pairs.scores, pairs.first_subject, pairs.second_subject, fmrs=MARKED, **draws
        )
    return out


def long_table(
    tables: Mapping[str, Mapping[str, MatchingTable]], stated: pd.DataFrame, gallery: str
) -> pd.DataFrame:
    """Every rate, in rows: `matcher`, `column`, `eta`, `source`, `estimate`, `low`, `high`, `n`.

    The column `fmr` is the share of untouched non-mated pairs that match; the source has none.

    Parameters
    ----------
    tables : matcher -> column -> table. stated : the source's, one column each and `eta`.
    gallery : column whose non-mated pairs give the FMR: `original`.
    """
    known = stated.set_index("eta")
    rows = []
    for matcher, by in tables.items():
        figures = {name: one.mated for name, one in by.items()} | {"fmr": by[gallery].nonmated}
        for column, own in figures.items():
            for eta, figure in zip(distance_thresholds(), own, strict=True):
                said = known.loc[eta, column] if column in known else np.nan
                head = {"matcher": matcher, "column": column, "eta": float(eta), "source": said}
                rows.append(
                    head | {name: figure.to_dict()[name] for name in ("estimate", "low", "high", "n")}
                )
    return pd.DataFrame(rows)


def wide_rates(table: pd.DataFrame, matcher: str, which: str = "estimate") -> pd.DataFrame:
    """Rates of one matcher as the source prints them: rows are distances, columns in its order, then `fmr`.

    Parameters
    ----------
    table : of `long_table`. which : `estimate`, or `source`.
    """
    some = table[table["matcher"] == matcher].pivot(index="eta", columns="column", values=which)
    order = [name for name in (*COLUMNS, "fmr") if name in some and some[name].notna().any()]
    return some[order]


def check_stated(stated: pd.DataFrame) -> pd.DataFrame:
    """The source's table, if it is whole: 17 distances, 8 columns of rates.

    Raises
    ------
    ValueError : a row or a column is missing, or a rate is none.
    """
    rates = stated[list(COLUMNS)].to_numpy(float)
    if not np.allclose(stated["eta"], distance_thresholds()) or not ((rates >= 0) & (rates <= 1)).all():
        raise ValueError("table 2 has 17 distances from 0.1 to 1.7, and rates between 0 and 1")
    return stated.assign(eta=distance_thresholds())


def table_results(by: Mapping[str, MatchingTable], original: str = ORIGINAL) -> dict[str, Any]:
    """What results keep: `matching_rate` by column and eta, `fmr` by eta; eta is written as `0.5`."""

    def kept(figures: Any) -> dict[str, Any]:
        return {f"{eta:.1f}": one for eta, one in zip(distance_thresholds(), figures, strict=True)}

    return {
        "matching_rate": {name: kept(one.mated) for name, one in by.items()},
        "fmr": kept(by[original].nonmated),
    }
