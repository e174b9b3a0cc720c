"""Random choice of accessories and clothes for a shot: spectacles, hat, jewellery, occluder."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lib.faces.rendered.random_streams import generator
from lib.faces.rendered.subject.subject import Subject

OCCLUDERS = ("hand", "telephone", "microphone", "cup", "scarf")
_HATS = ["beanie", "cap", "brimmed"]
CLOTHES = ("crew", "vneck", "suit", "shirt", "turtle", "scoop")
_MEN = [0.36, 0.12, 0.24, 0.22, 0.06, 0.0]
_WOMEN = [0.26, 0.2, 0.05, 0.1, 0.07, 0.32]


@dataclass(frozen=True)
class Spectacles:
    """Spectacles of a subject: shape of rims, frame colour 0 to 5, rim width in mm, tint of the glass."""

    shape: str
    colour: int
    thickness: float
    tint: float

    @property
    def sunglasses(self) -> bool:
        """Whether the glass is dark (tint above 0.3)."""
        return self.tint > 0.3


@dataclass(frozen=True)
class Accessories:
    """Accessories worn or held in one shot.

    Attributes
    ----------
    spectacles : or None.
    hat : `beanie`, `cap`, `brimmed`, `headscarf` or None.
    earrings, necklace : whether worn.
    occluder : one of OCCLUDERS that covers part of the face, or None; side: -1 or 1, where it is held.
    """

    spectacles: Spectacles | None
    hat: str | None
    earrings: bool
    necklace: bool
    occluder: str | None = None
    side: int = 1


@dataclass(frozen=True)
class Clothes:
    """Clothes: kind (one of CLOTHES), two linear colours, stripe width in mm (0: none), phase."""

    kind: str
    colour: tuple[float, ...]
    second_colour: tuple[float, ...]
    stripe: float
    phase: float

    @property
    def low_neck(self) -> bool:
        """Whether the neckline is low enough for a necklace to show."""
        return self.kind in ("scoop", "vneck")

    @property
    def tie(self) -> bool:
        """Whether a necktie is worn."""
        return self.kind == "suit" and self.phase > 1.5


def sample_accessories(r: np.random.Generator, subject: Subject) -> Accessories:
    """Draw the accessories of a shot, by the subject's age and perceived gender."""
    spectacles = _sample_spectacles(r, subject)
    hat = _sample_hat(r, subject)
    earrings = necklace = False
    if subject.female and subject.age > 14:
        earrings = bool(r.random() < 0.38)
        necklace = bool(r.random() < 0.22)
    elif subject.age > 16:
        earrings = bool(generator("jewellery", subject.world, subject.number).random() < 0.03)
    occluder = str(r.choice(OCCLUDERS, p=[0.14, 0.21, 0.22, 0.18, 0.25])) if r.random() < 0.03 else None
    return Accessories(spectacles, hat, earrings, necklace, occluder, int(r.choice([-1, 1])))


def _sample_hat(r: np.random.Generator, subject: Subject) -> str | None:
    """Draw a hat (seldom) or None; some women always wear a headscarf."""
    own = generator("jewellery", subject.world, subject.number, 10**6).random()
    if subject.female and subject.age > 14 and own < 0.025:
        return "headscarf"
    hat = str(r.choice(_HATS, p=[0.40, 0.25, 0.35] if subject.female else [0.35, 0.50, 0.15]))
    return hat if r.random() < 0.05 else None


def _sample_spectacles(r: np.random.Generator, subject: Subject) -> Spectacles | None:
    """Draw spectacles: the subject's usual pair in most shots, sunglasses sometimes."""
    own = generator("spectacles", subject.world, subject.number)
    needs = own.random() < 0.09 + 0.22 * subject.looks["ageing"]
    shape = str(
        own.choice(
            ["round", "rect", "aviator", "oval", "half", "rimless", "cat" if subject.female else "rect"]
        )
    )
    colour, thickness = (int(own.choice(6, p=[0.34, 0.22, 0.17, 0.13, 0.08, 0.06])), own.uniform(1.0, 3.2))
    if needs and r.random() < 0.92:
        return Spectacles(shape, colour, thickness, 0.0)
    if r.random() < 0.02:
        return Spectacles(shape, colour, max(thickness, 1.6), float(r.uniform(0.75, 0.97)))
    return None


def sample_clothes(r: np.random.Generator, subject: Subject) -> Clothes:
    """Draw the clothes of a shot, by perceived gender."""
    kind = str(r.choice(CLOTHES, p=_WOMEN if subject.female else _MEN))
    if subject.age < 14 and kind in ("suit", "scoop"):
        kind = "crew"
    first = np.exp(r.normal(-1.9, 0.9)) * np.array([np.exp(r.normal(0, 0.45)) for _ in range(3)])
    second = np.exp(r.normal(-1.6, 0.8)) * np.array([np.exp(r.normal(0, 0.7)) for _ in range(3)])
    stripe = float(r.random() < 0.15) * r.uniform(6, 20)
    return Clothes(
        kind, tuple(np.clip(first, 0.006, 0.75)), tuple(np.clip(second, 0.01, 0.7)), stripe, r.uniform(0, 6)
    )
