"""Who lives in the rendered world: ranges, frequencies, planted correlations. Nothing is drawn here."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from lib.faces.faceset import EXPRESSIONS, SPLITS
from lib.faces.rendered import sample_shot, sample_subject, split_of
from lib.faces.rendered.accessories.accessory_choice import Spectacles
from lib.faces.rendered.output.attributes import RENDERED_ATTRIBUTES, Seen, attributes


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    """A row for one shot of each of 1,500 subjects; all that is worn counts as seen."""
    rows = []
    for number in range(300_000, 301_500):
        subject = sample_subject(number)
        shot = sample_shot(subject, number % 7)
        seen = Seen(bangs=subject.looks["hair_style"] == "longbangs")
        rows.append(
            {
                **attributes(subject, shot, seen),
                "age": subject.age,
                "axis": subject.sex,
                "melanin": subject.looks["melanin"],
                "expression": shot.expression,
                **{name: getattr(shot, name) for name in ("yaw", "pitch", "roll")},
            }
        )
    return pd.DataFrame(rows)


def odds(table: pd.DataFrame, of: str, given: str) -> tuple[float, float]:
    """Share of `of` with and without `given`."""
    return float(table.loc[table[given], of].mean()), float(table.loc[~table[given], of].mean())


def test_every_attribute_occurs_and_none_always(people: pd.DataFrame) -> None:
    shares = people[list(RENDERED_ATTRIBUTES)].mean()
    assert shares.min() > 0.01, shares[shares <= 0.01]
    assert shares.max() < 0.95, shares[shares >= 0.95]


def test_age_skin_and_pose_span_their_ranges(people: pd.DataFrame) -> None:
    age, melanin, yaw = people["age"], people["melanin"], people["yaw"]
    assert age.between(3, 90).all() and age.min() < 5 and age.max() > 85
    for band in range(0, 90, 15):
        assert 0.01 < age.between(max(band, 3), band + 15).mean() < 0.5
    assert melanin.between(0, 1).all() and melanin.min() < 0.03 and melanin.max() > 0.9
    assert (np.histogram(melanin, 8, (0, 1))[0] > 5).all()
    assert yaw.between(-45, 45).all() and yaw.min() < -38 and yaw.max() > 38
    assert abs(yaw.mean()) < 2 and people["pitch"].between(-20, 20).all()
    assert set(people["expression"]) == set(EXPRESSIONS)


def test_perceived_gender_is_an_axis_with_two_sides(people: pd.DataFrame) -> None:
    assert 0.37 < people["Male"].mean() < 0.5
    assert ((people["axis"] < 0) == people["Male"]).all()
    assert people["axis"].abs().between(1, 1.55).all() and people["axis"].abs().std() > 0.1


@pytest.mark.parametrize(
    "name, male, female",
    [
        ("Mustache", 0.2, 0), ("5_o_Clock_Shadow", 0.12, 0), ("Goatee", 0.05, 0), ("Sideburns", 0.15, 0),
        ("Big_Nose", 0.3, 0.25), ("Bushy_Eyebrows", 0.25, 0.1), ("Bald", 0.03, 0),
        ("Wearing_Necktie", 0.1, 0.07),
    ],
)  # fmt: skip
def test_what_is_commoner_among_men(people: pd.DataFrame, name: str, male: float, female: float) -> None:
    among_men, among_women = odds(people, name, "Male")
    assert among_men >= male and among_women <= female


@pytest.mark.parametrize(
    "name, female, male",
    [
        ("Wearing_Lipstick", 0.5, 0), ("Heavy_Makeup", 0.4, 0), ("Wearing_Earrings", 0.2, 0.06),
        ("Wearing_Necklace", 0.05, 0), ("Rosy_Cheeks", 0.05, 0.02), ("Arched_Eyebrows", 0.25, 0.2),
        ("No_Beard", 1, 0.85), ("Wavy_Hair", 0.3, 0.3), ("Pointy_Nose", 0.3, 0.2), ("Oval_Face", 0.25, 0.2),
    ],
)  # fmt: skip
def test_what_is_commoner_among_women(people: pd.DataFrame, name: str, female: float, male: float) -> None:
    among_men, among_women = odds(people, name, "Male")
    assert among_women >= female and among_men <= male


@pytest.mark.parametrize("name", ["Gray_Hair", "Bald", "Receding_Hairline", "Bags_Under_Eyes", "Double_Chin"])
def test_what_comes_with_age(people: pd.DataFrame, name: str) -> None:
    young, old = (people.loc[people["Young"] == value, name].mean() for value in (True, False))
    assert old > young + 0.05
    assert people.loc[people[name], "age"].median() > people["age"].median() + 10


def test_the_young_are_those_below_45_and_most(people: pd.DataFrame) -> None:
    assert (people["Young"] == (people["age"] < 45)).all()
    assert 0.6 < people["Young"].mean() < 0.85


def test_correlations_have_exceptions(people: pd.DataFrame) -> None:
    """No attribute gives perceived gender or age away by itself in every picture."""
    men, women = people[people["Male"]], people[~people["Male"]]
    assert men["No_Beard"].mean() > 0.4 and women["Wearing_Lipstick"].mean() < 0.85
    old = people[~people["Young"]]
    assert old["Gray_Hair"].mean() < 0.9 and people.loc[people["Young"], "Gray_Hair"].mean() < 0.1
    assert men["Wearing_Earrings"].any()


def test_shuffled_labels_would_show_no_correlation(people: pd.DataFrame) -> None:
    wrong = people.assign(Male=people["Male"].sample(frac=1, random_state=0).to_numpy())
    men, women = odds(wrong, "Wearing_Lipstick", "Male")
    assert abs(men - women) < 0.1


def test_children_wear_neither_beards_nor_make_up(people: pd.DataFrame) -> None:
    children = people[people["age"] < 14]
    assert len(children) > 30
    assert children["No_Beard"].all()
    for name in ("Mustache", "Wearing_Lipstick", "Bald", "Gray_Hair", "Wearing_Earrings", "5_o_Clock_Shadow"):
        assert not children[name].any()


def test_hats_and_dark_glasses_hide_what_is_below(people: pd.DataFrame) -> None:
    hatted = people[people["Wearing_Hat"]]
    assert len(hatted) > 20
    assert not hatted[["Bald", "Bangs", "Receding_Hairline"]].any().any()
    subject = sample_subject(5, age=80)
    shot = sample_shot(subject, 0, "neutral")
    dark = Spectacles("round", 0, 2.0, 0.9)
    worn = dataclasses.replace(shot, accessories=dataclasses.replace(shot.accessories, spectacles=dark))
    bare = dataclasses.replace(shot, accessories=dataclasses.replace(shot.accessories, spectacles=None))
    assert attributes(subject, bare, Seen())["Bags_Under_Eyes"]
    assert not attributes(subject, worn, Seen())["Bags_Under_Eyes"]


def test_what_does_not_show_is_not_labelled() -> None:
    subject = sample_subject(3, sex=1.3, age=30)
    shot = next(s for s in (sample_shot(subject, k) for k in range(99)) if s.accessories.earrings)
    assert attributes(subject, shot, Seen())["Wearing_Earrings"]
    assert not attributes(subject, shot, Seen(earrings=False))["Wearing_Earrings"]
    assert attributes(subject, shot, Seen(mouth_gap=4.0))["Mouth_Slightly_Open"]
    assert not attributes(subject, shot, Seen(mouth_gap=0.5))["Mouth_Slightly_Open"]


def test_split_belongs_to_the_subject() -> None:
    splits = {number: split_of(number) for number in range(500)}
    assert splits == {number: split_of(number) for number in reversed(range(500))}
    assert set(splits.values()) == set(SPLITS)
