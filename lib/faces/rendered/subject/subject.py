"""Subject: one rendered person, drawn from its number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lib.faces.rendered.random_streams import generator
from lib.faces.rendered.subject.anthropometry import sample_measures
from lib.faces.rendered.subject.appearance import sample_looks
from lib.faces.rendered.subject.correlated_draws import Draws

FEMALE_SHARE = 0.57
"""Share of subjects on the female side, about that of CelebA: the labels are not equally frequent."""


@dataclass(frozen=True)
class Subject:
    """A rendered person: number, perceived gender, age, measures and looks.

    Attributes
    ----------
    number : of the subject, 0 or more; its identity.
    world : seed of the world that the number counts in.
    sex : place on the perceived-gender axis, negative male, positive female.
    age : years.
    measures : of head, ears and neck in millimetres, see `anthropometry.py`.
    looks : colours, brows, beard, hair style and make-up, see `appearance.py`.
    """

    number: int
    world: int
    sex: float
    age: float
    measures: dict[str, Any]
    looks: dict[str, Any]

    @property
    def female(self) -> bool:
        """Whether the subject is on the female side of the perceived-gender axis."""
        return self.sex > 0


def sample_subject(
    number: int, *, sex: float | None = None, age: float | None = None, world: int = 0
) -> Subject:
    """Draw the subject with this number.

    Parameters
    ----------
    number : 0 or more; the same number gives the same person.
    sex : place on the perceived-gender axis (about -1.55 to -1 male, 1 to 1.55 female); drawn if None.
    age : years, 3 to 90; drawn if None.
    world : seed of the world.
    """
    random = generator("subject", world, number)
    if sex is None:
        sex = float((1 if random.random() < FEMALE_SHARE else -1) * random.uniform(1.0, 1.55))
    if age is None:
        age = _sample_age(random)
    draws = Draws(random, sex, age)
    measures, melanin = sample_measures(draws)
    return Subject(number, world, sex, age, measures, sample_looks(draws, measures, melanin))


def _sample_age(random: np.random.Generator) -> float:
    groups = [random.uniform(3, 16), random.normal(27, 6), random.normal(42, 9), random.uniform(55, 90)]
    return float(np.clip(random.choice(groups, p=[0.10, 0.41, 0.31, 0.18]), 3, 90))
