"""Which images a check looks at: whole subjects, and all expressions equally often."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.faces.faceset import EXPRESSIONS
from lib.judges.interface import JudgeError


def some_subjects(labels: pd.DataFrame, subjects: int, per_subject: int, *, seed: int = 0) -> np.ndarray:
    """Rows of `subjects` people drawn at random, `per_subject` images of each.

    People with fewer images come with all of theirs; people with two or more are drawn first, as a matcher
    needs mated pairs.

    Returns
    -------
    Rising rows of `labels`, int (n,).
    """
    generator = np.random.default_rng(seed)
    order = pd.Series(generator.permutation(len(labels)))
    people = labels["subject"].to_numpy()[order]
    counts = pd.Series(people).value_counts()
    drawn = pd.Series(generator.permutation(np.sort(counts.index.to_numpy())))
    several = drawn.map(counts) >= 2
    chosen = pd.concat([drawn[several], drawn[~several]]).iloc[:subjects]
    first = pd.Series(people).groupby(people).cumcount().to_numpy() < per_subject
    return np.sort(order[np.isin(people, chosen) & first].to_numpy())


def equal_expressions(
    labels: pd.DataFrame, images: int, *, per_subject: int = 3, seed: int = 0
) -> np.ndarray:
    """About `images` rows in which each of EXPRESSIONS occurs equally often, a few images per subject.

    Subjects come in random order; each gives up to `per_subject` images, of the expressions that are rarest
    so far. At the end, surplus images are dropped until all expressions are equal in number.

    Returns
    -------
    Rising rows of `labels`, int (n,), n a multiple of seven and at most `images`.

    Raises
    ------
    JudgeError : an expression does not occur.
    """
    codes = (
        labels["expression"].map({name: at for at, name in enumerate(EXPRESSIONS)}).fillna(-1).to_numpy(int)
    )
    missing = [name for name in EXPRESSIONS if not (labels["expression"] == name).any()]
    if missing:
        raise JudgeError(f"no image is labelled {', '.join(missing)}: expressions cannot be equally frequent")
    wanted = images // len(EXPRESSIONS)
    generator = np.random.default_rng(seed)
    usable = np.flatnonzero(codes >= 0)
    by_subject = labels.iloc[usable].groupby("subject").indices
    names = generator.permutation(sorted(map(str, by_subject)))
    taken: list[list[int]] = [[] for _ in EXPRESSIONS]
    for name in names:
        rows: list[int] = generator.permutation(usable[by_subject[name]]).tolist()
        rows.sort(key=lambda row: len(taken[codes[row]]))
        for row in rows[:per_subject]:
            if len(taken[codes[row]]) < wanted:
                taken[codes[row]].append(row)
    fewest = min(len(rows) for rows in taken)
    return np.sort(np.concatenate([rows[:fewest] for rows in taken])).astype(int)
