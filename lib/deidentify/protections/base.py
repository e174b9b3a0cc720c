"""What a protection is: faces in, altered faces of the same shape out. And three that need no weights.

A network that protects says what it needs (size, colour, alignment, labels); `protect` hands it that, checks
what comes back, and gives it to the caller as RGB.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from inspect import signature
from typing import Any, Literal, Protocol, runtime_checkable

import cv2
import numpy as np

from lib.faces.grey import to_grey
from lib.faces.loading.align import Template
from lib.registry import Registry

Colour = Literal["rgb", "grey"]
STRENGTH = 0.1


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


@dataclass(frozen=True)
class _Plain:
    """What the protections below share: any size, RGB, any crop, no labels."""

    size = None
    colour: Any = "rgb"
    template = None
    needs = ()


@dataclass(frozen=True)
class Blur(_Plain):
    """Gaussian blur.

    Attributes
    ----------
    strength : standard deviation as a part of the crop's width.
    """

    strength: float = STRENGTH

    def __post_init__(self) -> None:
        _check_strength(self.strength)

    @property
    def name(self) -> str:
        """With the strength."""
        return f"blur {self.strength:g} {self.colour}"

    def __call__(self, faces: np.ndarray, **labels: np.ndarray) -> np.ndarray:
        """Blur each of `faces`, uint8 (N, H, W, channels)."""
        width = self.strength * faces.shape[2]
        blurred = [cv2.GaussianBlur(face, (0, 0), width, borderType=cv2.BORDER_REFLECT) for face in faces]
        return np.reshape(blurred, faces.shape).astype(np.uint8)


@dataclass(frozen=True)
class Pixelate(_Plain):
    """Means over square cells.

    Attributes
    ----------
    strength : side of a cell as a part of the crop's width.
    """

    strength: float = STRENGTH

    def __post_init__(self) -> None:
        _check_strength(self.strength)

    @property
    def name(self) -> str:
        """With the strength."""
        return f"pixelate {self.strength:g} {self.colour}"

    def __call__(self, faces: np.ndarray, **labels: np.ndarray) -> np.ndarray:
        """Pixelate each of `faces`, uint8 (N, H, W, channels)."""
        height, width = faces.shape[1:3]
        side = self.strength * width
        cells = (max(1, round(width / side)), max(1, round(height / side)))
        small = [cv2.resize(face, cells, interpolation=cv2.INTER_AREA) for face in faces]
        large = [cv2.resize(face, (width, height), interpolation=cv2.INTER_NEAREST) for face in small]
        return np.reshape(large, faces.shape).astype(np.uint8)


@dataclass(frozen=True)
class SolidFill(_Plain):
    """One tone, mid grey, over the whole crop: nothing of the face stays. The yardstick for what hides."""

    @property
    def name(self) -> str:
        """Always the same."""
        return f"cover {self.colour}"

    def __call__(self, faces: np.ndarray, **labels: np.ndarray) -> np.ndarray:
        """Mid grey in the shape of `faces`."""
        return np.full_like(faces, 128)


def _check_strength(strength: float) -> None:
    if not 0 < strength <= 1:
        raise ProtectionError(
            f"the strength is a part of the crop's width, above 0 and at most 1: {strength}"
        )


PROTECTIONS: Mapping[str, Callable[..., Protection]] = Registry(
    {
        "blur": "lib.deidentify.protections.base:Blur",
        "pixelate": "lib.deidentify.protections.base:Pixelate",
        "cover": "lib.deidentify.protections.base:SolidFill",
        "san": "lib.deidentify.protections.san:SanProtection",
        "private": "lib.deidentify.private.protection:PrivateFrom",
    }
)
"""Protections that a command line can name; each takes `strength` where it has one.

Each is imported when it is asked for, as those made of networks bring Keras.
"""


def protection_named(name: str, strength: float | None = None) -> Protection:
    """The protection of this name.

    Raises
    ------
    ProtectionError : no such name, a strength where there is none to choose, or weights that are missing.
    """
    if name not in PROTECTIONS:
        raise ProtectionError(f"no protection {name!r}; there are {', '.join(PROTECTIONS)}")
    make = PROTECTIONS[name]
    if strength is None:
        return make()
    if "strength" not in signature(make).parameters:
        raise ProtectionError(f"{name} takes no strength")
    return make(strength=strength)
