"""Readings of chapter 05 as its figures and tables get them."""

from __future__ import annotations

import pandas as pd


def best(**changed: object) -> pd.DataFrame:
    """Two groups and two treatments, each measure once."""
    rows = [
        {"data": "tiny", "judge": f"{group}_x", "treatment": treatment, "measure": measure, "estimate": 0.8}
        | {"low": 0.7, "high": 0.9, "n": 9, "note": "", "group": group, "of": of} | changed
        for group, of in (("trained", 1), ("unseen", 2))
        for treatment in ("before", "op")
        for measure in ("auc", "auc_free")
    ]  # fmt: skip
    return pd.DataFrame(rows)
