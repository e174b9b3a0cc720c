"""FairFace: age group, perceived gender and race in a list for each part.

Publisher's layout: `train/1.jpg`, `val/1.jpg` beside `fairface_label_train.csv`, `fairface_label_val.csv`.
"""

from __future__ import annotations

import re

import pandas as pd

from lib.faces.faceset import FaceSetError
from lib.faces.loading.archive import Archive, Paths, also_inside, open_archive
from lib.faces.loading.source import Members, Source, join_pictures, once, one_face_each, require_pictures
from lib.faces.loading.text_lists import read_table

ABOUT = {
    "title": "FairFace",
    "citation": "Karkkainen, Joo: FairFace: face attribute dataset for balanced race, gender and age, 2021",
    "terms": "CC BY 4.0",
    "layout": "train/*.jpg, val/*.jpg, fairface_label_train.csv, fairface_label_val.csv (one part is enough)",
}
AGES = {
    "0-2": 1.0, "3-9": 6.0, "10-19": 14.5, "20-29": 24.5, "30-39": 34.5, "40-49": 44.5, "50-59": 54.5,
    "60-69": 64.5, "more than 70": 75.0,
}  # fmt: skip
"""Age groups and the age in years that stands for each: its middle, 75 for the open one."""
COLUMNS = ("file", "age", "gender", "race", "service_test")

_DATE = re.compile(r"(?:(\d+)\W*([A-Za-z]{3})|([A-Za-z]{3})\W*(\d+))[a-z]*$")


@also_inside
def read(path: Paths) -> Source:
    """Read FairFace; each image is its own subject, the split is the publisher's (`val`: `validation`).

    Ages that a spreadsheet has turned into dates (`03-Sep`, `Oct-19`) are turned back and counted.

    Returns
    -------
    Source with `age_group` (as published), `age` (years, from AGES), `Male`, `race`, `service_test`.

    Raises
    ------
    FaceSetError : no list, a list without its columns or with rows that are too long, or one of which not a
        single picture is there.
    """
    archive = open_archive(path)
    lists = [archive.find(f"fairface_label_{part}.csv", required=False) for part in ("train", "val")]
    if not any(lists):
        archive.find("fairface_label_train.csv", "fairface_label_val.csv")
    pictures, twice = once(archive, (("/".join(name.split("/")[-2:]), name) for name in archive.pictures()))
    tables = {name: _list(archive, name) for name in lists if name}
    for name, one in tables.items():
        require_pictures(one["file"], pictures, name, archive.where)
    listed = pd.concat(tables.values())
    table = listed.drop_duplicates("file").set_index("file")
    kept, left = join_pictures(table, pictures, " and ".join(tables), archive.where)
    labels, counts = _labels(kept)
    counts["rows of a picture that is listed before"] = len(listed) - len(table)
    members = Members.of(archive, [pictures[name] for name in kept.index])
    return one_face_each("fairface", labels, members, left + twice, ABOUT, counts=counts)


def _list(archive: Archive, name: str) -> pd.DataFrame:
    where = f"{name} in {archive.path}"
    table = read_table(archive.text(name), where, dtype=str, keep_default_na=False)
    table.columns = table.columns.str.strip()
    missing = set(COLUMNS[:4]) - set(table.columns)
    if missing:
        raise FaceSetError(f"{where} lacks the columns {sorted(missing)}; download it again")
    table["split"] = "train" if name.endswith("train.csv") else "validation"
    return table


def age_group(text: str) -> str:
    """Age group as published, also from the date that a spreadsheet made of it; empty if neither."""
    text = text.strip()
    if text in AGES:
        return text
    match = _DATE.match(text)
    month = (match[2] or match[3]).lower() if match else ""
    number = int(match[1] or match[4]) if match else 0
    repaired = {("sep", 3): "3-9", ("mar", 9): "3-9", ("oct", 19): "10-19"}
    return repaired.get((month, number), "")


def _labels(kept: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, int]]:
    groups = kept["age"].map(age_group)
    gender = kept["gender"].str.strip().str.lower().map({"male": True, "female": False})
    labels = pd.DataFrame({"image": kept.index.astype(str), "subject": kept.index.astype(str)})
    labels["split"] = kept["split"].to_numpy()
    labels["Male"] = pd.array(gender.to_list(), dtype="boolean")
    labels["age"] = groups.map(AGES).to_numpy(float)
    labels["age_group"] = groups.to_numpy()
    labels["race"] = kept["race"].to_numpy()
    if "service_test" in kept:
        flags = kept["service_test"].str.strip().str.lower().map({"true": True, "false": False})
        labels["service_test"] = pd.array(flags.to_list(), dtype="boolean")
    counts = {
        "ages turned back from dates": int(((groups != kept["age"].str.strip()) & (groups != "")).sum()),
        "ages that are no group": int((groups == "").sum()),
        "genders that are neither word": int(gender.isna().sum()),
    }
    return labels, counts
