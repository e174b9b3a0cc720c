"""What copies withstand, in plain words, from the figures of chapter 08."""

import json

import pytest

from lib.deidentify.cleanir.withstands import CLEANED, FIGURES, NEW, withstands


def figure(estimate, low, high):
    return {"estimate": estimate, "low": low, "high": high, "n": 100}


@pytest.fixture
def measured(tmp_path):
    """A file of results with the keys that chapter 08 writes."""

    def write(**figures):
        values = {}
        for name, one in figures.items():
            place = values
            *folders, last = name.split("__")
            for folder in folders if len(folders) != 3 else [*folders[:2], "tmr_at_fmr_1", folders[2]]:
                place = place.setdefault(folder, {})
            place[last] = one
        path = tmp_path / "real" / "08_rotation_tables.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps({"values": {**values, "best_angle": 110}, "provenance": {}}))
        return path

    return write


@pytest.fixture
def path(measured):
    return measured(
        lfw__dlib__naive__90=figure(0.02, 0.0, 0.04),
        lfw__own__naive__90=figure(0.01, 0.0, 0.03),
        lfw__dlib__inverter__90=figure(0.31, 0.25, 0.4),
        lfw__dlib__naive__120=figure(0.06, 0.03, 0.09),
        lfw__dlib__linker__90=figure(0.8, 0.7, 0.9),
        lfw__dlib__key_known__90=figure(0.9, 0.8, 0.95),
        lfw__dlib__naive__ours=figure(0.012, 0.005, 0.02),
        lfw__dlib__attributes__new=figure(0.2, 0.1, 0.3),
        lfw__dlib__naive__blur=figure(0.99, 0.98, 1.0),
        strongest__90=figure(0.99, 0.98, 1.0),
        by_network__source__lfw__dlib__tmr_at_fmr_1__naive__90=figure(0.99, 0.98, 1.0),
    )


def test_an_angle_in_words(path):
    said = withstands(90, figures=path)
    assert "the strongest attacker, inverter (who turns the new identity back" in said[0]
    assert "recognises 31.0% of copies (25.0% to 40.0%, 100 subjects)" in said[0]
    (held,) = [one for one in said if one.startswith("Withstood")]
    assert held.endswith("(2.0%): naive (who compares a copy with photographs of the person).")
    assert any(one.startswith("Not withstood (31.0%): inverter (") for one in said)
    assert any("learns the secret key recognises 90.0%" in one for one in said)
    assert not any("linker" in one for one in said), "each picture has its own draw"
    assert withstands(-90, figures=path)[1:] == said[1:] == withstands(270, figures=path)[1:]


def test_who_shares_a_draw_can_be_joined(path):
    said = withstands(90, "subject", figures=path)
    assert "strongest attacker, linker" in said[0] and "80.0%" in said[0]


def test_between_two_angles_the_weaker_one_speaks(path):
    said = withstands(100, figures=path)
    assert "31.0%" in said[0] and any("Not withstood (6.0%): naive" in one for one in said)


def test_a_new_identity_has_the_figures_of_what_was_made(path):
    assert CLEANED == "ours" and "1.2%" in withstands(None, cleaned=True, figures=path)[0]
    assert NEW == "new" and "20.0%" in withstands(None, figures=path)[0]


def test_the_worst_of_data_sets_and_matchers_counts(measured):
    path = measured(
        celeba__dlib__naive__0=figure(0.5, 0.4, 0.6),
        lfw__dlib__naive__0=figure(0.7, 0.6, 0.8),
        lfw__own__naive__0=figure(None, None, None),
    )
    assert "70.0%" in withstands(0, figures=path)[0]


def test_where_nothing_was_measured_it_says_so(tmp_path, measured):
    for angle in (None, 45):
        (said,) = withstands(angle, figures=tmp_path / "missing.json")
        assert said.startswith("Nobody measured") and "%" not in said
    path = measured(lfw__dlib__naive__90=figure(0.02, 0.0, 0.04))
    (said,) = withstands(45, figures=path)
    assert "results/real/08_rotation_tables.json" in said, "nothing below 45 was measured"
    assert withstands(None, figures=path)[0].startswith("Nobody measured")
    assert "in these weights" in withstands(90, figures=None)[0]
    for text in ("[{]", "[]", '{"values": 3}', "{}"):
        path.write_text(text)
        assert withstands(90, figures=path)[0].startswith("Nobody measured")


def test_the_figures_are_those_of_the_weights_that_ship():
    assert FIGURES.parts[-3:] == ("results", "real", "08_rotation_tables.json")
