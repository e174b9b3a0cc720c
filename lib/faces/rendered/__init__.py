"""Rendered faces: persons that do not exist, with labels that are exact.

A head is computed from measures, painted, haired, posed, lit and photographed by code alone. No scan, no
photograph, no learned weight enters. A subject's number and a shot's number give the same picture again.

    subject = sample_subject(7)
    prepared = prepare(subject)
    rendering = render(prepared, sample_shot(subject, 0, "happy"), size=112)
    rendering.image, rendering.truth
"""

from __future__ import annotations

from lib.faces.rendered.labels import label_row, split_of
from lib.faces.rendered.prepared import Prepared, prepare
from lib.faces.rendered.scene import Rendering, render
from lib.faces.rendered.shots import Shot, sample_shot
from lib.faces.rendered.subject import Subject, sample_subject
from lib.faces.rendered.truth import Truth

__all__ = [
    "Prepared", "Rendering", "Shot", "Subject", "Truth", "label_row", "picture", "prepare", "render",
    "sample_shot", "sample_subject", "split_of",
]  # fmt: skip


def picture(
    subject_number: int, shot_number: int, size: int = 112, expression: str | None = None
) -> Rendering:
    """Render one picture from its two numbers; for several of one subject `prepare` it once instead.

    Parameters
    ----------
    subject_number, shot_number : 0 or more.
    size : pixels of the square picture.
    expression : one of EXPRESSIONS; drawn if None.
    """
    subject = sample_subject(subject_number)
    return render(prepare(subject), sample_shot(subject, shot_number, expression), size)
