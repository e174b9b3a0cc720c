"""UTKFace, aligned and cropped: age, perceived gender and race in the file names.

Publisher's layout: `UTKFace/<age>_<gender>_<race>_<date and time>.jpg.chip.jpg`.
"""

from __future__ import annotations

import re

import pandas as pd

from lib.faces.loading.archive import Paths, also_inside, open_archive
from lib.faces.loading.source import Members, Source, expect, named, one_face_each
from lib.faces.splits import split_by_subject

ABOUT = {
    "title": "UTKFace (aligned and cropped)",
    "citation": "Zhang, Song, Qi: Age progression/regression by conditional adversarial autoencoder, 2017",
    "terms": "non-commercial research only; labels estimated by a network and checked by one annotator",
    "layout": "UTKFace/<age>_<gender>_<race>_<date&time>.jpg.chip.jpg",
}
RACES = ("White", "Black", "Asian", "Indian", "Others")
"""The publisher's words and order."""
MALFORMED = "name is not age_gender_race_date&time"
WILD = "the crop of this photograph was kept"

_NAME = re.compile(
    r"(0{0,2}\d|0?\d\d|1[01]\d|120)_([01])_([0-4])_(\d+)\.jpg(?:\.chip)?(?:\.jpg)?$", re.IGNORECASE
)


@also_inside
def read(path: Paths) -> Source:
    """Read UTKFace; each image is its own subject, the split is our own.

    Returns
    -------
    Source with `age` (years), `Male`, `race` (one of RACES). Malformed names are skipped and listed, and so
    are ages above 120, all but one of the copies of a picture that repacked sets hold in several folders, and
    uncropped photographs beside their crops.

    Raises
    ------
    FaceSetError : no picture with a well-formed name is there.
    """
    archive = open_archive(path)
    members, matches, odd = named(archive, _NAME, MALFORMED)
    expect(members, archive, ABOUT["layout"], odd)
    crops = {match.string.partition(".")[0] for match in matches if ".chip." in match.string.lower()}
    wild = [m.string.partition(".")[0] in crops and ".chip." not in m.string.lower() for m in matches]
    odd += [(match.string, WILD) for match, whole in zip(matches, wild, strict=True) if whole]
    members = [member for member, whole in zip(members, wild, strict=True) if not whole]
    matches = [match for match, whole in zip(matches, wild, strict=True) if not whole]
    rows = [(match.string, int(match[1]), match[2] == "0", RACES[int(match[3])]) for match in matches]
    labels = pd.DataFrame(rows, columns=["image", "age", "Male", "race"]).astype({"Male": "boolean"})
    labels.insert(1, "subject", labels["image"])
    labels.insert(2, "split", split_by_subject(labels["subject"]))
    return one_face_each("utkface", labels, Members.of(archive, members), odd, ABOUT)
