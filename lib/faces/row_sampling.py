"""Samples of a FaceSet's rows: at most so many images, so many of each subject, equal expressions."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from lib.faces.faceset import EXPRESSIONS, FaceSetError


def limit_subjects(subjects: ArrayLike, number: int, *, seed: int = 0) -> np.ndarray:
    """Mask (N,) of the rows of `number` subjects, drawn at random of `subjects` (N,).

    With one seed, more subjects hold the fewer, so that a curve over their number is one growing sample.
    """
    rows = np.asarray(subjects)
    names = np.random.default_rng(seed).permutation(np.unique(rows))[:number]
    return np.isin(rows, names)


def with_min_images(labels: pd.DataFrame, rows: np.ndarray, least: int) -> np.ndarray:
    """Those of `rows` whose subject has at least `least` images, as a matcher needs for training."""
    people = labels["subject"].astype(str).to_numpy()[rows]
    _, place, counts = np.unique(people, return_inverse=True, return_counts=True)
    return np.asarray(rows)[counts[place] >= least]


def limit_per_subject(labels: pd.DataFrame, rows: np.ndarray, most: int) -> np.ndarray:
    """The first `most` of each subject's `rows`, in order; all if `most` is 0."""
    people = labels["subject"].astype(str).iloc[rows]
    return np.asarray(rows)[people.groupby(people).cumcount().to_numpy() < (most or len(rows))]


def subsample(rows: np.ndarray, most: int, seed: int) -> np.ndarray:
    """Random subsample of at most `most` of `rows` (N,), ascending; all if `most` is 0.

    Parameters
    ----------
    seed : of the draw; with one seed, more rows hold the fewer.
    """
    return np.sort(np.random.default_rng(seed).permutation(rows)[: most or None])


def subsample_per_subject(subjects: np.ndarray, rows: np.ndarray, most: int, seed: int) -> np.ndarray:
    """Random subsample of at most `most` of each subject's `rows`, ascending; all if `most` is 0.

    Intervals are over subjects, so a few images of each say nearly as much as all.

    Parameters
    ----------
    subjects : (N,) of all images. rows : (M,) of them to draw from.
    seed : of the draw; with one seed, more rows of a subject hold the fewer.
    """
    if not most:
        return np.sort(rows)
    shuffled = np.random.default_rng(seed).permutation(rows)
    rank = pd.Series(np.asarray(subjects)[shuffled]).groupby(np.asarray(subjects)[shuffled]).cumcount()
    return np.sort(shuffled[rank.to_numpy() < most])


def some_subjects(labels: pd.DataFrame, subjects: int, per_subject: int, *, seed: int = 0) -> np.ndarray:
    """Rows of `subjects` random subjects, at most `per_subject` images of each, ascending.

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


def expressions_or_some(labels: pd.DataFrame, each: int, *, seed: int = 0) -> tuple[np.ndarray, str]:
    """Rows with equally many images of each expression; any rows if the set has too few.

    Parameters
    ----------
    labels : of the set.
    each : images of each expression; without all of them seven times as many images at most.
    seed : of the draw.

    Returns
    -------
    Rising rows of `labels`, int (n,), and why expressions are not equally frequent; empty where they are.
    """
    shown = labels["expression"] if "expression" in labels else pd.Series("", index=labels.index)
    missing = [name for name in EXPRESSIONS if not (shown == name).any()]
    rows = np.array([], int) if missing else equal_expressions(labels, len(EXPRESSIONS) * each, seed=seed)
    if len(rows):
        return rows, ""
    some = some_subjects(labels, -(-len(EXPRESSIONS) * each // 3), 3, seed=seed)
    return (
        some,
        f"No image shows {', '.join(missing)}" if missing else "Too few subjects show all expressions",
    )


def equal_expressions(
    labels: pd.DataFrame, images: int, *, per_subject: int = 3, seed: int = 0
) -> np.ndarray:
    """About `images` rows with equally many images of each expression, a few per subject.

    Subjects come in random order; each gives up to `per_subject` images, of the expressions that are rarest
    so far. At the end, surplus images are dropped until all expressions are equal in number.

    Returns
    -------
    Rising rows of `labels`, int (n,), n a multiple of seven and at most `images`.

    Raises
    ------
    FaceSetError : an expression does not occur.
    """
    codes = (
        labels["expression"].map({name: at for at, name in enumerate(EXPRESSIONS)}).fillna(-1).to_numpy(int)
    )
    missing = [name for name in EXPRESSIONS if not (labels["expression"] == name).any()]
    if missing:
        raise FaceSetError(
            f"no image is labelled {', '.join(missing)}: expressions cannot be equally frequent"
        )
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
