from __future__ import annotations

import numpy as np
import pytest

from lib.faces.rendered import sample_subject
from lib.faces.rendered.head.neutral_head import build_head
from lib.faces.rendered.skin import skin_canvas
from lib.faces.rendered.skin.skin import paint_skin, skin_colour


def test_painting_a_part_gives_the_same_texels(monkeypatch: pytest.MonkeyPatch) -> None:
    """Paint is confined to where it shows; confining it to nothing less gives the same skin."""
    subject = sample_subject(60, sex=-1.2, age=70)
    head = build_head(subject.measures)
    confined = paint_skin(subject, head).texture
    monkeypatch.setattr(skin_canvas, "_rectangle", lambda where: (slice(None), slice(None)))
    np.testing.assert_allclose(confined, paint_skin(subject, head).texture, atol=1e-5)


def test_skin_darkens_with_melanin() -> None:
    tones = np.array([skin_colour(melanin) for melanin in np.linspace(0, 1, 9)])
    assert (np.diff(tones, axis=0) < 0).all()
    assert tones[0].mean() > 5 * tones[-1].mean()
