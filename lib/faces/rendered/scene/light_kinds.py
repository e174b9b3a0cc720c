"""Random choice of lighting: studio, window, overcast, sun, lamps, flash."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Range = tuple[float, float]


@dataclass(frozen=True)
class Light:
    """Lighting of one shot: key light, fill, rim and ambient light.

    Attributes
    ----------
    azimuth, elevation : of the key light in degrees, 0, 0 at the camera.
    key, ambient, fill, rim : strengths.
    warmth, ambient_warmth : colour, negative bluish, positive reddish.
    hardness : darkness of the key light's shadows, 0 to 1.
    """

    azimuth: float
    elevation: float
    key: float
    ambient: float
    fill: float
    rim: float
    warmth: float
    ambient_warmth: float
    hardness: float


@dataclass(frozen=True)
class _Kind:
    """Kind of lighting: share, SD of azimuth, ranges of strengths, mean warmth of key and ambient light."""

    share: float
    azimuth: float
    elevation: Range
    key: Range
    ambient: Range
    fill: Range
    hardness: Range
    rim: float
    warmth: float
    ambient_warmth: float


_KINDS = (
    _Kind(0.29, 24, (14, 42), (0.65, 1.00), (0.62, 0.95), (0.30, 0.6), (0.20, 0.5), 0.15, 0.1, 0.0),  # studio
    _Kind(
        0.19, 42, (6, 30), (0.70, 1.05), (0.58, 0.90), (0.20, 0.5), (0.25, 0.55), 0.05, -0.2, 0.3
    ),  # window
    _Kind(
        0.23, 38, (35, 60), (0.20, 0.50), (0.90, 1.30), (0.10, 0.4), (0.10, 0.4), 0.05, -0.1, -0.4
    ),  # overcast
    _Kind(0.12, 30, (28, 52), (0.80, 1.20), (0.60, 0.90), (0.20, 0.5), (0.40, 0.8), 0.30, 0.4, -0.4),  # sun
    _Kind(0.10, 32, (25, 52), (0.50, 0.90), (0.60, 0.90), (0.20, 0.5), (0.20, 0.5), 0.10, 0.8, 0.6),  # lamps
    _Kind(0.07, 6, (4, 16), (0.85, 1.20), (0.35, 0.60), (0.05, 0.2), (0.50, 0.9), 0.00, 0.0, 0.5),  # flash
)


def sample_light(r: np.random.Generator) -> Light:
    """Draw the lighting of one shot."""
    kind = _KINDS[int(r.choice(len(_KINDS), p=[kind.share for kind in _KINDS]))]
    return Light(
        azimuth=float(np.clip(r.normal(0, kind.azimuth), -95, 95)),
        elevation=float(r.uniform(*kind.elevation)),
        key=float(r.uniform(*kind.key)),
        ambient=float(r.uniform(*kind.ambient)),
        fill=float(r.uniform(*kind.fill)),
        rim=float(max(0, r.normal(kind.rim, 0.2))),
        warmth=float(r.normal(kind.warmth, 0.35)),
        ambient_warmth=float(r.normal(kind.ambient_warmth, 0.3)),
        hardness=float(r.uniform(*kind.hardness)),
    )
