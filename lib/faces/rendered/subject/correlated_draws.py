"""Random draws that depend on a subject's perceived gender and age."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lib.faces.rendered.smooth_functions import smoothstep

Measures = dict[str, float]


@dataclass(frozen=True)
class Draws:
    """Random generator with the perceived gender and age that draws depend on.

    Attributes
    ----------
    sex : place on the perceived-gender axis, negative male, positive female, about 1 to 1.55 either way.
    age : years.
    """

    random: np.random.Generator
    sex: float
    age: float

    @property
    def child(self) -> float:
        """Childhood: 1 for a small child, falling to 0 at 18 years."""
        return float(smoothstep(18, 2, self.age))

    @property
    def young(self) -> float:
        """Youth: 1 until puberty, falling to 0 at 21 years; used for skin and brows."""
        return float(smoothstep(21, 9, self.age))

    @property
    def ageing(self) -> float:
        """Ageing: 0 up to 27 years, rising linearly to 1 at 77."""
        return float(np.clip((self.age - 27) / 50, 0, 1))

    def normal(self, spread: float = 1.0) -> float:
        """Normal random number, clipped at 2.2 SD and scaled by `spread`; less for children."""
        return float(np.clip(self.random.normal(), -2.2, 2.2)) * spread * (1 - 0.4 * self.child)

    def between(self, male: float, female: float) -> float:
        """Interpolate between male and female means by the subject's gender; less for children."""
        shared = 0.5 * self.child
        place = (self.sex + 1) / 2 * (1 - shared) + 0.5 * shared
        return male + (female - male) * place
