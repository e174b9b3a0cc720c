"""Made-up readings of a rotation whose outcome can be worked out: identities turned in a plane, and noise."""

import numpy as np

from lib.deidentify.protections.identity_rotation import random_axes, rotate_identity
from lib.evaluation.rotation.attackers import PAIR_ATTACKERS
from lib.evaluation.rotation.comparisons import Comparisons
from lib.evaluation.rotation.people import CHOOSERS, STRANGERS, TEST
from lib.evaluation.rotation.views import (
    ATTRIBUTES,
    CODEC,
    GALLERY,
    PROBE,
    REGRESSED,
    RESTORED,
    UNTOUCHED,
    Views,
)
from lib.judges.result_keys import DLIB, HELD_OUT_MATCHER

READERS = (DLIB, HELD_OUT_MATCHER, CODEC)
DIMENSION, NOISE = 96, 0.04


def toy_views(angles=("0", "90", "180"), sizes=(40, 30, 40), photos=2, leak=0.0):
    """Views of a perfect codec; `leak` is how far the attributes' halves tell persons apart."""
    views, random = Views(), np.random.default_rng(1)

    def noisy(rows):
        return rows + NOISE * random.normal(size=rows.shape)

    for name, count in zip((TEST, CHOOSERS, STRANGERS), sizes, strict=True):
        who = random_axes(count, DIMENSION, random)
        views.subjects[name] = np.array([f"{name}{one}" for one in range(count)])
        several = np.repeat(who[:, None], photos, axis=1)
        for reader in READERS:
            views.add(name, GALLERY, UNTOUCHED, {reader: noisy(several)})
            views.add(name, PROBE, UNTOUCHED, {reader: noisy(who)})
        known = leak * several + 0.2 * random.normal(size=several.shape)
        views.add(name, GALLERY, UNTOUCHED, {ATTRIBUTES: known})
        for angle in angles:
            turned = rotate_identity(who, random_axes(count, DIMENSION, random), float(angle))
            views.add(name, PROBE, angle, {reader: noisy(turned) for reader in READERS})
            told = leak * who + 0.2 * random.normal(size=who.shape)
            views.add(name, PROBE, angle, {ATTRIBUTES: told})
            views.add(name, REGRESSED, angle, {DLIB: noisy(np.cos(np.deg2rad(float(angle))) * turned)})
            views.add(name, RESTORED, angle, {DLIB: noisy(turned), HELD_OUT_MATCHER: noisy(turned)})
            for attacker in PAIR_ATTACKERS:
                own = random_axes(count, DIMENSION, random)
                other = own if attacker == "linker" else random_axes(count, DIMENSION, random)
                own, other = (rotate_identity(who, axis, float(angle)) for axis in (own, other))
                for reader in (HELD_OUT_MATCHER, CODEC):
                    one = Comparisons.of(noisy(own), noisy(other), views.subjects[name])
                    views.scores[name, attacker, angle, reader] = one.scores
    return views
