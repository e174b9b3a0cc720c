"""Where a key comes from, and what is said of one; what copies withstand, in words."""

import json

import pytest

from lib.deidentify.protections.base import ProtectionError
from lib.deidentify.secret_key import own_key_file, secret_key
from lib.deidentify.withstands import withstands

LONG = "a secret of some length"


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("FACEVALUE_KEY", raising=False)


def test_the_order_of_keys(tmp_path, monkeypatch):
    file = tmp_path / "key.txt"
    file.write_text("the key of a file\n")
    assert secret_key(LONG) == LONG and secret_key(None, file) == "the key of a file"
    monkeypatch.setenv("FACEVALUE_KEY", "the key of the environment")
    assert secret_key() == "the key of the environment" and secret_key(LONG) == LONG
    assert not own_key_file().exists()


def test_without_one_it_is_drawn_once_for_this_user_alone(tmp_path, monkeypatch):
    first = secret_key()
    assert len(first) == 64 and secret_key() == first
    assert own_key_file().stat().st_mode & 0o077 == 0, "nobody else may read it"
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "another"))
    assert secret_key() != first
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "file"))
    with pytest.raises(ProtectionError, match="--key-file"):
        secret_key()


def test_keys_that_are_refused(tmp_path):
    for given in (("short",), ("",), (LONG, tmp_path / "x"), (None, tmp_path / "missing")):
        with pytest.raises(ProtectionError):
            secret_key(*given)


def cards(folder, **figures):
    named = {f"08_rotation_tables: {name.replace('__', '.')}": one for name, one in figures.items()}
    (folder / "cards.json").write_text(json.dumps([{"name": "cleanir_encoder", "figures": named}]))


def figure(estimate, low, high):
    return {"estimate": estimate, "low": low, "high": high, "n": 100}


def test_what_is_withstood_in_words(tmp_path):
    cards(
        tmp_path,
        lfw__dlib__tmr_at_fmr_1__naive__90=figure(0.02, 0.0, 0.04),
        lfw__own__tmr_at_fmr_1__naive__90=figure(0.01, 0.0, 0.03),
        lfw__dlib__tmr_at_fmr_1__inverter__90=figure(0.31, 0.25, 0.4),
        lfw__dlib__tmr_at_fmr_1__naive__120=figure(0.06, 0.03, 0.09),
        lfw__dlib__tmr_at_fmr_1__naive__ours=figure(0.012, 0.005, 0.02),
    )
    said = withstands(90, tmp_path)
    assert "strongest attacker (inverter) still takes 31.0%" in said and "(25.0% to 40.0%)" in said
    assert "Not told from strangers' by: naive." in said and "than strangers by: inverter." in said
    assert withstands(-90, tmp_path).split(",", 1)[1] == said.split(",", 1)[1], "a plane has two ways round"
    between = withstands(100, tmp_path)
    assert "inverter" in between and "Recognised more often than strangers by: inverter, naive" in between
    new = withstands(None, tmp_path)
    assert "a new identity" in new and "1.2%" in new and "Recognised" not in new


def test_where_nothing_was_measured_it_says_so(tmp_path):
    for angle in (None, 45):
        assert "08_rotation_tables" in withstands(angle, tmp_path) and "%" not in withstands(angle, tmp_path)
    cards(tmp_path, lfw__dlib__tmr_at_fmr_1__naive__90=figure(0.02, 0.0, 0.04))
    assert "not among the figures" in withstands(45, tmp_path), "nothing below 45 was measured"
    (tmp_path / "cards.json").write_text("[{]")
    assert "not among the figures" in withstands(90, tmp_path)
