"""Random draws that know the subject's place on the gender axis and in life."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lib.faces.rendered.smooth_functions import smoothstep

Measures = dict[str, float]


@dataclass(frozen=True)
class Draws:
    """A generator with what most draws depend on.

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
        """1 for a small child, 0 from 18 years on."""
        return float(smoothstep(18, 2, self.age))

    @property
    def young(self) -> float:
        """1 until puberty, 0 from 21 years on: what skin and brows follow."""
        return float(smoothstep(21, 9, self.age))

    @property
    def ageing(self) -> float:
        """0 up to 27 years, 1 from 77 on, even in between."""
        return float(np.clip((self.age - 27) / 50, 0, 1))

    def normal(self, spread: float = 1.0) -> float:
        """A clipped normal draw; children vary less."""
        return float(np.clip(self.random.normal(), -2.2, 2.2)) * spread * (1 - 0.4 * self.child)

    def between(self, male: float, female: float) -> float:
        """The mean at the subject's place on the axis; children of both sexes differ less."""
        shared = 0.5 * self.child
        place = (self.sex + 1) / 2 * (1 - shared) + 0.5 * shared
        return male + (female - male) * place
