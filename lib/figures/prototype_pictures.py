"""Pictures of prototypes: rows for a gallery, a face moved along their difference, a mean that grows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from lib.figures.gallery import Picture, amplified, gallery
from lib.figures.slider import Slider

TILE = 112
"""Pixels of a face on a page, at least."""


def scale_for(size: int) -> float:
    """Enlargement that brings a picture of `size` pixels to TILE, or leaves it as it is."""
    return max(1.0, TILE / size)


def prototype_row(
    means: Mapping[str, np.ndarray], neutral: np.ndarray | None = None, factor: float = 4.0
) -> dict[str, np.ndarray]:
    """Mean faces as pictures by column, and the difference of the male and the female one.

    Parameters
    ----------
    means : group -> (H, W, 3), 0 to 255.
    neutral : their weighted mean, if there is one.
    factor : by which the difference is amplified, around mid grey.
    """
    row = {name: np.clip(np.rint(mean), 0, 255).astype(np.uint8) for name, mean in means.items()}
    if neutral is not None:
        row["neutral"] = np.clip(np.rint(neutral), 0, 255).astype(np.uint8)
    if {"female", "male"} <= set(means):
        row[f"male − female, ×{factor:g}"] = amplified(means["female"], means["male"], factor)
    return row


def strengthened(images: np.ndarray, direction: np.ndarray, strength: float) -> np.ndarray:
    """Images uint8 (N, H, W, 3) plus `strength` times a direction (H, W, 3) in grey levels, rounded."""
    return np.clip(np.rint(images + strength * direction), 0, 255).astype(np.uint8)


def strength_slider(
    images: np.ndarray,
    direction: np.ndarray,
    strengths: Sequence[float],
    scores: Sequence[np.ndarray] = (),
) -> Slider:
    """Slider that adds the difference of two prototypes to faces, with a score below each face.

    Parameters
    ----------
    images : uint8 (N, H, W, 3).
    direction : male minus female prototype, (H, W, 3).
    strengths : by how much of it, one frame each.
    scores : certainty of `male` of the faces, (N,), one for each strength; empty: none is written.
    """
    frames = []
    for k, strength in enumerate(strengths):
        moved = strengthened(images, direction, strength)
        below = [[f"{one:.2f} male" for one in scores[k]]] if len(scores) else []
        frames.append(gallery([list(moved)], scale=1.15 * scale_for(images.shape[1]), captions=below))
    labels = [f"{strength:+g} × (male − female)" if strength else "as it is" for strength in strengths]
    alt = "Faces that turn lighter where the male mean is lighter as the slider moves right"
    return Slider(frames, labels, title="strength", alt=alt)


def changed_sides(scores: Sequence[np.ndarray]) -> str:
    """How many faces are `male` at some strengths and not at others: `2 of 5`; a dash without scores."""
    male = np.array(scores) > 0.5
    return f"{int((male.any(0) & ~male.all(0)).sum())} of {male.shape[1]}" if len(scores) else "–"


def growth_slider(means: Mapping[int, Mapping[str, np.ndarray]]) -> Slider:
    """Slider through the mean faces of more and more images.

    Parameters
    ----------
    means : number of images -> group -> (H, W, 3), 0 to 255.
    """
    frames: list[Picture] = []
    for groups in means.values():
        row = prototype_row(groups)
        row = {name: picture for name, picture in row.items() if name in groups}
        size = next(iter(row.values())).shape[0]
        frames.append(gallery([list(row.values())], columns=list(row), scale=1.6 * scale_for(size)))
    labels = [f"{count:,} image{'s' * (count > 1)}" for count in means]
    alt = "Mean faces that grow smooth as more images enter them"
    return Slider(frames, labels, title="in the mean", alt=alt, start=0)
