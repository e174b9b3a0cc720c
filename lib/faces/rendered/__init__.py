"""Rendered faces: images of subjects that do not exist, computed by code, with exact labels.

A head is computed from measures, then gets skin, hair, pose, light and a camera, by code alone. No scan, no
photograph and no learned weights are used. A subject's number and a shot's number give the same image again.

    subject = sample_subject(7)
    prepared = prepare(subject)
    rendering = render(prepared, sample_shot(subject, 0, "happy"), size=112)
    rendering.image, rendering.truth

    python -m lib.faces.rendered --subjects 1500 --images 7 --size 112 --out faces/

draws shards, which `lib.faces.loading.adapters.rendered` reads. Of seven pictures of a subject two are
neutral, two happy, three show others of the five other expressions. A subject belongs to one split,
by a hash of its number.

Packages: `subject` draws a person (`anthropometry`: measures of head and neck; `appearance`: colours, brows,
beard, hair, make-up), and `subject.prepared_subject` builds once what all images share, from `head`, `skin`
and `hair`. `scene.shot` draws what changes between images (expression, pose, light, camera, accessories).
`scene.render` renders: `head.action_units` moves the mesh, `raster`, `shadows` and `shading` draw it, then
come strands, jewellery, spectacles, `backdrop` and `camera`. `output.ground_truth` holds points, box,
`attributes` and a map of what each pixel shows; `output.shards` writes files.

Labels say what can be seen in that picture: no hair below a hat, no earring below hair, no open mouth
behind a cup. Perceived gender, age and other labels are correlated as among people, with exceptions, because
such correlations are what the book measures. `Attractive` is left out.
"""

from __future__ import annotations

from lib.faces.rendered.output.ground_truth import Truth
from lib.faces.rendered.output.label_rows import label_row, split_of
from lib.faces.rendered.scene.render import Rendering, render
from lib.faces.rendered.scene.shot import Shot, sample_shot
from lib.faces.rendered.subject.prepared_subject import Prepared, prepare
from lib.faces.rendered.subject.subject import Subject, sample_subject

__all__ = [
    "Prepared", "Rendering", "Shot", "Subject", "Truth", "label_row", "picture", "prepare", "render",
    "sample_shot", "sample_subject", "split_of",
]  # fmt: skip


def picture(
    subject_number: int, shot_number: int, size: int = 112, expression: str | None = None
) -> Rendering:
    """Render one image of one subject, from both numbers; for several, `prepare` the subject once.

    Parameters
    ----------
    subject_number, shot_number : 0 or more.
    size : pixels of the square picture.
    expression : one of EXPRESSIONS; drawn if None.
    """
    subject = sample_subject(subject_number)
    return render(prepare(subject), sample_shot(subject, shot_number, expression), size)
