"""What the page of sequences shows: the filmstrip, the frames that play, and faces pasted back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from lib.deidentify.cleanir.codec import CleanirCodec
from lib.evaluation.scored_faces import Scored
from lib.evaluation.sequences.frames import Frames
from lib.evaluation.sequences.judged import PASTED, Sequenced
from lib.evaluation.sequences.seam import pasted
from lib.evaluation.sequences.treatments import BEFORE, protections
from lib.measures.pairs import Pairs, pair_scores

STRIP = (BEFORE, "turned_image", "turned_sequence", "new_image", "new_sequence")
"""Rows of the filmstrip."""
PLAYED = ("reconstruction", "turned_sequence", "opposite", "new_sequence")
"""What plays beside the untouched frames."""


def strip(found: Sequenced, matcher: str, columns: int) -> Scored | None:
    """Frames of the first subject through its first sequence, each compared with the first of its row.

    Parameters
    ----------
    matcher : whose cosine stands below each frame. columns : frames, evenly through the sequence.

    Returns
    -------
    Scored with the treatments of STRIP and the score `match`, or None where no face may be shown.
    """
    frames = found.frames
    if not frames.faces.publishable:
        return None
    own = np.flatnonzero((frames.faces.subjects == frames.faces.subjects[0]) & (frames.sequence == 0))
    rows = own[np.unique(np.arange(columns) * len(own) // columns)]
    to_first = Pairs(np.full(len(rows), rows[0]), rows, np.ones(len(rows), bool), "with the first frame")
    by = found.readings[matcher].by
    scores = {name: pair_scores(to_first, by[name]) for name in STRIP}
    names = [f"frame {frames.time[row] + 1}" for row in rows]
    pictures = {name: found.pictures[name][rows] for name in STRIP}
    return Scored(pictures, {"match": scores}, names)


def played(frames: Frames, codec: CleanirCodec, angle: float, key: str) -> dict[str, np.ndarray]:
    """One sequence untouched and under each treatment of PLAYED, uint8 (N, size, size, 3)."""
    crops, told = np.asarray(frames.faces.images), protections(codec, angle, key)
    return {BEFORE: crops} | {name: told[name](crops, subject=frames.faces.subjects) for name in PLAYED}


def tiles(pictures: Mapping[str, np.ndarray], at: int) -> list[np.ndarray]:
    """The pictures of one moment, one for each treatment."""
    return [one[at] for one in pictures.values()]


def pasted_back(found: Sequenced, rows: Sequence[int], treatment: str = PASTED[1]) -> list[list[np.ndarray]]:
    """Whole frames: untouched, then with the protected face pasted in each way; a row for each of `rows`."""
    frames, shown = found.frames, []
    for row in rows:
        photo = frames.photos[row]
        ways = pasted(
            photo,
            frames.points[row],
            frames.matrices[row],
            np.asarray(frames.faces.images[row]),
            found.pictures[treatment][row],
        )
        shown.append([photo, *ways.values()])
    return shown
