"""Plain AUCs on samples as large as the report's, to stand beside its figures."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.evaluation.gender.judge_readings import GenderJudged
from lib.measures.score_table import ScoreTable

BESIDE = ("before", "sm", "nt", "op", "report_sm", "report_nt", "report_op", "reversed_op")
"""Treatments that stand beside the report's figures."""


def sampled_aucs(test: ScoreTable, count: int, seed: int) -> pd.DataFrame:
    """Plain AUCs of each judge on so many pictures, drawn at random: what a source's sample would have shown.

    Parameters
    ----------
    count : pictures; all where there are fewer.
    seed : of the draw.

    Returns
    -------
    A row for each judge: AUCs of the treatments of BESIDE that it read, `pictures` and `classifier`.
    """
    some = np.sort(np.random.default_rng(seed).permutation(len(test.positive))[:count])
    read = test.take(some).aucs()
    values = [{name: own[name] for name in BESIDE if name in own} for own in read.values()]
    return pd.DataFrame(values).assign(pictures=len(some), classifier=list(read))


def samples_table(judged: GenderJudged, count: int, seed: int) -> pd.DataFrame:
    """Plain AUCs of each judge on a sample as large as a source's, and on all pictures.

    Parameters
    ----------
    count : pictures of the sample. seed : of the draw.

    Returns
    -------
    Columns data, pictures, classifier and BESIDE.
    """
    sizes = [
        (data, number)
        for data, panel in judged.panels.items()
        for number in sorted({min(count, len(panel.positive)), len(panel.positive)})
    ]
    parts = [sampled_aucs(judged.panels[data], number, seed).assign(data=data) for data, number in sizes]
    table = pd.concat(parts, ignore_index=True)
    return table[["data", "pictures", "classifier", *BESIDE]]
