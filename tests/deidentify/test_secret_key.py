"""Where a key comes from, and what is said of one."""

import pytest

from lib.deidentify.protections.base import ProtectionError
from lib.deidentify.secret_key import own_key_file, secret_key

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
