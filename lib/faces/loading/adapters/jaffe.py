"""JAFFE: ten Japanese women, seven expressions; access on request from the rights holder.

Publisher's layout: `KA.AN1.39.tiff`: subject, expression and take, serial number; 256 x 256 grey, some of
them with a grey palette.
"""

from __future__ import annotations

import re

import pandas as pd

from lib.faces.loading.archive import Paths, also_inside, open_archive
from lib.faces.loading.source import Members, Source, expect, named, one_face_each
from lib.faces.splits import split_by_subject

ABOUT = {
    "title": "The Japanese Female Facial Expression database (JAFFE)",
    "citation": "Lyons, Akamatsu, Kamachi, Gyoba: Coding facial expressions with Gabor wavelets, FG 1998",
    "terms": "on request from the rights holder (Zenodo record 3451524); not to be redistributed",
    "layout": "KA.AN1.39.tiff ... YM.SU3.60.tiff",
}
EXPRESSION = {
    "AN": "angry", "DI": "disgust", "FE": "fear", "HA": "happy", "SA": "sad", "SU": "surprise",
    "NE": "neutral",
}  # fmt: skip

_NAME = re.compile(r"([A-Z]{2})\.(AN|DI|FE|HA|SA|SU|NE)(\d)\.(\d+)\.tiff?$", re.IGNORECASE)


@also_inside
def read(path: Paths) -> Source:
    """Read JAFFE; the split is our own, by subject.

    Returns
    -------
    Source with `expression`, `take`, `Male` (False throughout).

    Raises
    ------
    FaceSetError : no picture with the publisher's names is there.
    """
    archive = open_archive(path)
    members, matches, odd = named(archive, _NAME, "not named like KA.AN1.39.tiff")
    expect(members, archive, ABOUT["layout"], odd)
    rows = [
        (match.string, match[1].upper(), EXPRESSION[match[2].upper()], int(match[3]), False)
        for match in matches
    ]
    labels = pd.DataFrame(rows, columns=["image", "subject", "expression", "take", "Male"])
    labels["Male"] = labels["Male"].astype("boolean")
    labels.insert(2, "split", split_by_subject(labels["subject"]))
    return one_face_each("jaffe", labels, Members.of(archive, members), odd, ABOUT)
