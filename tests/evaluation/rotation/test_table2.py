"""Table 2: the source's numbers as printed, ours beside them with the column that it lacks."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lib.evaluation.rotation import table2
from lib.evaluation.rotation.comparisons import Comparisons
from tests.evaluation.rotation.test_comparisons import crowd
from tests.exact import exactly

DRAWS = {"replicates": 30, "seed": 1}
SOURCE = Path(__file__).parents[3] / "results/sources/08_rotation_tables.table2.csv"


@pytest.fixture(scope="module")
def stated():
    return table2.check_stated(pd.read_csv(SOURCE))


def test_the_source_is_whole_and_its_rates_only_rise(stated):
    assert stated.shape == (17, 9)
    rates = stated[list(table2.COLUMNS)].to_numpy()
    assert (np.diff(rates, axis=0) >= 0).all()
    at = stated.set_index("eta")
    assert exactly(
        at.loc[1.0, ["90", "120", "180"]].tolist(),
        [0.880, 0.280, 0.061],
        because="literals of the source's table",
    )
    with pytest.raises(ValueError, match="17 distances"):
        table2.check_stated(stated.assign(eta=stated["eta"] + 1))


def test_known_distances_are_counted_strictly_below_eta():
    scores = 1 - np.array([[0.2, 1.0], [1.0, 0.5]])  # mated at .2 and .5, strangers at 1
    one = table2.threshold_tables({"original": Comparisons(scores, np.array(["a", "b"]))}, **DRAWS)[
        "original"
    ]
    mated = [figure.estimate for figure in one.mated]
    assert mated[:6] == pytest.approx([0, 0, 0.5, 0.5, 0.5, 1])
    assert [figure.estimate for figure in one.nonmated][8:11] == pytest.approx([0, 0, 1])


def test_ours_beside_the_source(stated):
    compared = {name: crowd(20, "t", pull=pull) for name, pull in (("original", 3), ("90", 0.2))}
    tables = {"toy": table2.threshold_tables(compared, **DRAWS)}
    long = table2.long_table(tables, stated, "original")
    assert len(long) == 17 * 3 and long.loc[long["column"] == "fmr", "source"].isna().all()
    ours, theirs = table2.wide_rates(long, "toy"), table2.wide_rates(long, "toy", "source")
    assert list(ours) == ["original", "90", "fmr"] and list(theirs) == ["original", "90"]
    assert theirs.loc[1.0, "90"] == pytest.approx(0.88)
    assert ours.loc[0.7, "original"] > ours.loc[0.7, "90"]
    kept = table2.table_results(tables["toy"])
    assert set(kept["matching_rate"]) == {"original", "90"} and "0.5" in kept["fmr"]


def test_nearer_than_strangers_farther_and_as_far():
    compared = {name: crowd(40, "t", pull=pull) for name, pull in (("original", 3), ("90", 0), ("180", -3))}
    found = table2.separations(compared, **DRAWS)
    assert found["original"].auc.high < 0.1 and found["180"].auc.low > 0.9
    assert found["90"].auc.low < 0.5 < found["90"].auc.high
    assert found["180"].mated_median > found["180"].stranger_median > found["original"].mated_median
