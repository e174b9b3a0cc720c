from __future__ import annotations

import json

import pytest

from lib.book import paths, real_results
from lib.book.sphinx import thesis

FIGURE = {"estimate": 0.9, "low": 0.8, "high": 1.0, "n": 9}
CLAIM = {"protection": "SAN", "measure": "AUC", "nothing": 0.5, "claimed": None, "chapter": "05"}


@pytest.fixture
def results(tmp_path, monkeypatch):
    """Function that keeps a result on photographs, made by some protocol; the chapter describes 2."""
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    monkeypatch.setattr(thesis.chapter_text, "protocol", lambda chapter: 2)
    monkeypatch.setattr(thesis.results, "read", lambda profile, chapter: read(profile, chapter))

    def read(profile, chapter):
        kept = json.loads((tmp_path / "results" / profile / f"{chapter}.json").read_text(encoding="utf-8"))
        return thesis.results.Record(kept["values"], kept["provenance"])

    def keep(values, protocol):
        folder = tmp_path / "results" / real_results.PROFILE
        folder.mkdir(parents=True, exist_ok=True)
        record = {"values": values, "provenance": {"protocol": protocol}}
        (folder / "05_x.json").write_text(json.dumps(record), encoding="utf-8")

    return keep


def test_a_result_that_photographs_have_not_made_yet_is_waited_for(results):
    assert thesis.look_up(None) is None and thesis.look_up(0.93) == pytest.approx(0.93)
    assert thesis.look_up("real/05_x.a.auc_free") is None  # the chapter has not run
    results({"b": FIGURE}, protocol=1)
    assert thesis.look_up("real/05_x.a.auc_free") is None  # it ran by an older protocol
    assert thesis.look_up("real/05_x.b")["estimate"] == pytest.approx(0.9)


def test_a_key_that_the_present_protocol_does_not_make_is_an_error(results):
    results({"b": FIGURE}, protocol=2)
    with pytest.raises(KeyError, match="no 'a'"):
        thesis.look_up("real/05_x.a.auc_free")


def test_who_attacked_stands_beside_the_figure(results):
    results({"worst": {"op": {"auc_free": FIGURE, "name": "attacker_patch"}}, "plain": FIGURE}, protocol=2)
    claim = CLAIM | {
        "unprotected": 0.99,
        "measured": "real/05_x.plain",
        "attacked": "real/05_x.worst.op.auc_free",
    }
    known = thesis.known_claims([claim | {"who": {"measured": "MobileNet"}}])
    assert known[0]["who"] == {"attacked": "attacker: patch network", "measured": "MobileNet"}
    said = thesis.told(known)
    assert said == "SAN: unprotected 0.99, claimed: none yet, measured 0.90, attacked 0.90"
    assert "under attack 0.90, attacker: patch network" in thesis.draw(known)
