"""The interface of a protection: faces in, altered faces of the same shape out.

A network that protects says what it needs (size, colour, alignment, labels); `protect` hands it that, checks
what comes back, and gives it to the caller as RGB.
"""

from __future__ import annotations

from typing import Literal, Protocol, runtime_checkable

import numpy as np

from lib.faces.grey import to_grey
from lib.faces.loading.align import Template

Colour = Literal["rgb", "grey"]


class ProtectionError(ValueError):
    """A protection that cannot be used like this, or that broke its word; the message says what to do."""


@runtime_checkable
class Protection(Protocol):
    """Alters faces.

    Attributes
    ----------
    name : its name with all that changes its output (strength, weights, preset); kept with every result, and
        a run goes on only under the same name.
    size : height and width of its input in pixels; None takes any.
    colour : `rgb` (three channels) or `grey` (one).
    template : how a face is brought into the crop; None where the publisher's window, or any crop, will do.
    needs : names of the labels that it must be told, columns of a FaceSet or `points`.
    """

    @property
    def name(self) -> str:
        """What it is, with all that changes its output."""
        ...

    @property
    def size(self) -> tuple[int, int] | None:
        """Height and width of its input, or None."""
        ...

    @property
    def colour(self) -> Colour:
        """Of its input and output."""
        ...

    @property
    def template(self) -> Template | None:
        """Of the crop, or None."""
        ...

    @property
    def needs(self) -> tuple[str, ...]:
        """Names of labels."""
        ...

    def __call__(self, faces: np.ndarray, **labels: np.ndarray) -> np.ndarray:
        """Alter `faces`, uint8 (N, H, W, channels): the same shape and dtype comes back.

        Parameters
        ----------
        labels : the `needs`, one row a face; `points` is (N, 5, 2) in pixels of `faces`.
        """
        ...


def protect(protection: Protection, faces: np.ndarray, **labels: np.ndarray) -> np.ndarray:
    """Alter RGB faces, in the colour that the protection wants, and check what it returns.

    Parameters
    ----------
    faces : uint8 (N, H, W, 3) RGB.
    labels : at least the protection's `needs`, one row a face; it is told no others.

    Returns
    -------
    uint8 (N, H, W, 3); three equal channels from a grey protection.

    Raises
    ------
    ProtectionError : wrong size, a missing label, or an output of another shape or dtype.
    """
    check_size(protection, (faces.shape[1], faces.shape[2]))
    missing = [name for name in protection.needs if name not in labels]
    if missing:
        raise ProtectionError(f"{protection.name} must be told {', '.join(missing)}: hand them in as labels")
    given = to_grey(faces)[..., None] if protection.colour == "grey" else faces
    out = np.asarray(protection(given, **{name: labels[name] for name in protection.needs}))
    if out.shape != given.shape or out.dtype != np.uint8:
        raise ProtectionError(
            f"{protection.name} returned {out.dtype} {out.shape} for uint8 {given.shape}: it must keep both"
        )
    return np.repeat(out, 3, axis=-1) if protection.colour == "grey" else out


def check_size(protection: Protection, size: tuple[int, int]) -> None:
    """Raise ProtectionError unless the protection takes faces of this height and width."""
    if protection.size not in (None, size):
        raise ProtectionError(
            f"{protection.name} takes faces of {protection.size} px, got {size}: resize them"
        )
