"""AT&T Laboratories Cambridge (ORL) faces: forty people, ten grey pictures each.

Publisher's layout: `s1/1.pgm` to `s40/10.pgm`; mirrors put them below `att_faces/` or `orl_faces/`.
"""

from __future__ import annotations

import re

import pandas as pd

from lib.faces.loading.archive import Paths, also_inside, open_archive
from lib.faces.loading.source import Members, Source, Window, expect, once, one_face_each
from lib.faces.splits import split_by_subject

ABOUT = {
    "title": "AT&T Laboratories Cambridge (ORL) database of faces",
    "citation": "Samaria, Harter: Parameterisation of a stochastic model for human face identification, 1994",
    "terms": "free with credit to the Olivetti Research Laboratory / AT&T Laboratories Cambridge",
    "layout": "s1/1.pgm ... s40/10.pgm",
}

_NAME = re.compile(r"(?:.*/)?(s\d+)/(\d+)\.(?:pgm|png|jpg|bmp)$", re.IGNORECASE)


@also_inside
def read(path: Paths) -> Source:
    """Read the AT&T faces in numerical order (`s2` before `s10`); the split is our own, by subject.

    Raises
    ------
    FaceSetError : no picture `s<number>/<number>.pgm` is there.
    """
    archive = open_archive(path)
    found = {name: _NAME.match(name) for name in archive.pictures()}
    members, left = once(archive, ((f"{m[1]}/{m[2]}", name) for name, m in found.items() if m))
    rows = [(image, image.partition("/")[0]) for image in members]
    expect(rows, archive, ABOUT["layout"])
    labels = pd.DataFrame(rows, columns=["image", "subject"], dtype=str)
    labels["split"] = split_by_subject(labels["subject"])
    odd = [(name, "not s<number>/<number>") for name, match in found.items() if not match]
    read_member = Members.of(archive, list(members.values()))
    return one_face_each("att", labels, read_member, odd + left, ABOUT, window=_window)


def _window(height: int, width: int) -> Window:
    """The central square of the 92 x 112 image."""
    top = (height - width) / 2
    return (0.0, top, float(width), top + width)
