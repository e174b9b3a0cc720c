from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lib.faces.faceset import FaceSet, FaceSetError
from lib.faces.joined import joined


def some(name: str, number: int, size: int = 4, publishable: bool = True, **columns: object) -> FaceSet:
    table = {"image": [f"{name}{i}" for i in range(number)], "subject": name, "split": "test", **columns}
    images = np.full((number, size, size, 3), len(name), np.uint8)
    return FaceSet(images, pd.DataFrame(table), name, publishable=publishable)


def test_rows_find_each_part_again_and_only_shared_columns_stay() -> None:
    whole, rows = joined({"one": some("a", 2, age=3.0), "two": some("bb", 3)}, "both")
    assert len(whole) == 5 and "age" not in whole.labels and whole.publishable
    assert set(whole.subjects[rows["two"]]) == {"bb"} and (whole.images[rows["two"]] == 2).all()
    np.testing.assert_array_equal(rows["one"], [0, 1])


def test_photographs_among_them_are_not_shown() -> None:
    assert not joined({"one": some("a", 1), "two": some("b", 1, publishable=False)}, "both")[0].publishable


def test_parts_of_other_sizes_are_refused() -> None:
    with pytest.raises(FaceSetError, match="one size"):
        joined({"one": some("a", 1), "two": some("b", 1, size=8)}, "both")
