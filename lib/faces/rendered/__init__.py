"""Rendered faces: persons that do not exist, with labels that are exact.

A head is computed from measures, painted, haired, posed, lit and photographed by code alone. No scan, no
photograph, no learned weight enters. A subject's number and a shot's number give the same picture again.

    subject = sample_subject(7)
    prepared = prepare(subject)
    rendering = render(prepared, sample_shot(subject, 0, "happy"), size=112)
    rendering.image, rendering.truth

    python -m lib.faces.rendered --subjects 1500 --images 7 --size 112 --out faces/

draws shards, which `lib.faces.loading.adapters.rendered` reads. Of seven pictures of a subject two are
neutral, two happy, three show others of the five other expressions. A subject belongs to one split,
by a hash of its number.

How a picture comes about, and where: `subject` draws a person (`measures` of head and neck, `looks`:
colours, brows, beard, hair, make-up); `shots` draws what changes between pictures (expression, pose, light,
camera, `accessory_choice`). `prepared` builds once what all pictures share: `head` (a surface with fields of
`implicit` and `relief`), `skin`, `hair`, `ears`, `body`. `scene` takes the picture: `expressions` move the
mesh, `raster`, `shadows` and `shading` draw it, then strands, jewellery, spectacles, `backdrop` and
`camera`. `truth` writes down what is known: points, box, `attributes`, and a map of what each pixel shows.

Labels say what can be seen in that picture: no hair below a hat, no earring below hair, no open mouth
behind a cup. Perceived gender, age and the rest go together as among people, with exceptions, because such
correlations are what the book measures. `Attractive` is left out.
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
    """Render one picture from its two numbers; for several of one subject `prepare` it once instead.

    Parameters
    ----------
    subject_number, shot_number : 0 or more.
    size : pixels of the square picture.
    expression : one of EXPRESSIONS; drawn if None.
    """
    subject = sample_subject(subject_number)
    return render(prepare(subject), sample_shot(subject, shot_number, expression), size)
