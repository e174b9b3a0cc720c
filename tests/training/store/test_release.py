"""Networks that ship: whole or not at all, equal in what they say, with cards."""

from __future__ import annotations

import json
import re
import shutil
import subprocess

import numpy as np
import pytest
import yaml

from lib.arrays import WeightsError, read_arrays, write_arrays
from lib.book import paths
from lib.book.results import dumps
from lib.deidentify.cleanir.attribute_cleaning import AttributeCleaner
from lib.deidentify.cleanir.identities import IdentityDistribution
from lib.deidentify.cleanir.stored_protection import StoredCleanir
from lib.deidentify.protections.base import protect
from lib.measures.estimate import Estimate
from lib.networks.gender_classifier import gender_classifier
from lib.networks.registry import ARCHITECTURES
from lib.networks.san import SanAutoencoder
from lib.training.store import release
from lib.training.store.model_cards import COLUMNS, read_model_cards
from lib.training.store.model_store import PROTOTYPES, ModelStore
from lib.training.store.release import FEWEST, OTHERS, TOLERANCE, Place, ShipError, difference, stored_kind
from tests.exact import exactly

FACTS = {
    "trained_on": "CelebA, train part",
    "template": [0.32, 0.49],
    "subjects": {"female": 150, "male": 120},
}
LISTED = {
    "classifier": {
        "from": "03_first/classifier",
        "purpose": "reads",
        "figures": {"03_first": ["classifier.*"]},
    },
    "ours": {"from": "04_second/ours", "purpose": "protects", "figures": {"05_later": ["celeba.auc"]}},
}
OURS = {"ours": LISTED["ours"]}
CHAPTERS = {"03_first", "04_second"}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Two chapters' networks and results, and what ships of them."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "results").mkdir()
    values = {"classifier": {"accuracy": Estimate(0.95, 0.94, 0.96, 500).to_dict(), "count": 7}}
    (folder / "results" / "03_first.json").write_text(dumps({"values": values, "provenance": {}}))
    shelf = ModelStore(folder / "networks" / "03_first")
    shelf.put("classifier", gender_classifier(32), "gender_classifier", {"size": 32}, about=FACTS)
    _autoencoder(folder / "networks" / "04_second")
    (folder / "weights").mkdir()
    (folder / "weights" / "stale.npz").write_bytes(b"old")
    assert ship(_place(folder)) == ["classifier", "ours"]
    return folder


def _place(folder):
    return Place(folder / "networks", folder / "results", folder / "weights")


@pytest.fixture
def shipped(made, tmp_path):
    """Networks, results, and what ships of them, for a test alone."""
    return _place(shutil.copytree(made, tmp_path / "copy"))


@pytest.fixture
def place(shipped):
    """Networks and results of which nothing shipped yet."""
    shutil.rmtree(shipped.target)
    return shipped


def _autoencoder(folder, name="ours", seed=0, **facts):
    prototypes = np.random.default_rng(seed).random((3, 16, 16, 3), dtype=np.float32)
    shelf = ModelStore(folder)
    shelf.put_prototypes(prototypes)
    about = {key: value for key, value in {**FACTS, **facts}.items() if value is not None}
    network = SanAutoencoder(prototypes, 16, decoder=(4, 4))
    shelf.put(name, network, "autoencoder", {"size": 16, "decoder": [4, 4]}, about=about)
    return network


def ship(place, listed=LISTED, chapters=CHAPTERS):
    return release.ship_weights(listed, place, chapters)


def contents(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_what_ships_says_the_same_in_half_the_bytes(shipped):
    place = shipped
    assert sorted(contents(place.target)) == [CARDS_FILE, "classifier.npz", "ours.npz", PROTOTYPES]
    for chapter, name, kind in [
        ("03_first", "classifier", "gender_classifier"),
        ("04_second", "ours", "autoencoder"),
    ]:
        before, after = ModelStore(place.networks / chapter), ModelStore(place.target)
        change = difference(before.get(name), after.get(name))
        assert 0 < change <= TOLERANCE.get(kind, OTHERS)
        assert read_model_cards(place.target).loc[name, "difference"] == pytest.approx(change, rel=0.05)
        stored = read_arrays(place.target / f"{name}.npz")
        assert {a.dtype.name for a in stored.values() if a.dtype.kind == "f"} == {"float16"}
        assert after.about(name)["terms"] == "research only"
    first = contents(place.target)
    ship(place)
    assert contents(place.target) == first, "equal networks, equal bytes"
    assert sorted(path.name for path in place.networks.iterdir()) == ["03_first", "04_second"]


CARDS_FILE = "cards.json"


def test_cards(shipped):
    place = shipped
    table = read_model_cards(place.target)
    assert list(table.columns) == list(COLUMNS)
    classifier, ours = table.loc["classifier"], table.loc["ours"]
    assert classifier.figures == "03_first: classifier.accuracy 0.950 [0.940, 0.960]"
    assert ours.figures == "", "of a chapter that does not run"
    assert (
        ours.subjects == 120
        and exactly(ours.trained_on, FACTS["trained_on"], because="copied from the settings")
        and ours.terms == "research only"
    )
    assert ours.parameters == SanAutoencoder(None, 16, decoder=(4, 4)).count_params()
    (place.target / "ours.npz").write_bytes(b"other")
    with pytest.raises(WeightsError, match=r"ours\.npz is missing or not the one of its card"):
        read_model_cards(place.target)
    with pytest.raises(WeightsError, match="dvc pull weights.dvc"):
        read_model_cards(place.results)


def test_what_float16_would_change_ships_in_float32(place, monkeypatch):
    network = gender_classifier(32)
    large = [w.assign(w * 0 + 1e5) for w in network.weights if "gender/bias" in w.path]  # beyond float16
    assert large
    shelf = ModelStore(place.networks / "03_first")
    shelf.put("classifier", network, "gender_classifier", {"size": 32}, about=FACTS)
    monkeypatch.setitem(release.TOLERANCE, "autoencoder", 1e-9)
    ship(place)
    table = read_model_cards(place.target)
    assert list(table["dtype"]) == ["float32", "float32"] and list(table["difference"]) == [0, 0]
    assert all(json.loads((place.target / CARDS_FILE).read_text())[0]["files"])


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"subjects": {"female": FEWEST - 1, "male": 5000}}, "at least 100"),
        ({"subjects": FEWEST - 1}, "at least 100"),
        ({"subjects": None}, "at least 100"),
        ({"subjects": {}}, "at least 100"),
        ({"template": None}, "by which `template`"),
        ({"trained_on": None}, "do not say `trained_on`"),
    ],
)
def test_what_must_not_leave_stays_and_nothing_changes(shipped, facts, said):
    before = contents(shipped.target)
    _autoencoder(shipped.networks / "04_second", seed=1, **facts)
    with pytest.raises(ShipError, match=said):
        ship(shipped, OURS)
    assert contents(shipped.target) == before


def test_nor_does_one_leave_that_may_beside_one_that_must_not(shipped):
    before = contents(shipped.target)
    _autoencoder(shipped.networks / "04_second", seed=1, subjects=None)
    shelf = ModelStore(shipped.networks / "03_first")
    shelf.put("classifier", gender_classifier(32), "gender_classifier", {"size": 32}, about=FACTS)
    with pytest.raises(ShipError, match="at least 100"):
        ship(shipped)
    assert contents(shipped.target) == before


def test_a_hundred_are_enough(place):
    _autoencoder(place.networks / "04_second", subjects=FEWEST)
    assert ship(place, OURS) == ["ours"]


def test_other_refusals(place, monkeypatch):
    _autoencoder(place.networks / "03_first", "first", seed=5)
    two = {**OURS, "first": {"from": "03_first/first", "purpose": "returns"}}
    with pytest.raises(ShipError, match="other prototypes"):
        ship(place, two)
    wrong = {"ours": {**LISTED["ours"], "figures": {"03_first": ["auc"]}}}
    with pytest.raises(ShipError, match="no figure 'auc'"):
        ship(place, wrong)
    with pytest.raises(ShipError, match=r"05_later\.json is missing"):
        ship(place, OURS, {*CHAPTERS, "05_later"})
    with pytest.raises(WeightsError, match=r"absent\.npz is missing"):
        ship(place, {"absent": {"from": "03_first/absent", "purpose": "x"}})
    monkeypatch.setattr(release, "LIMIT", 1000)
    with pytest.raises(ShipError, match="more than 0: ship fewer"):
        ship(place, OURS)
    assert not place.target.exists()


def test_a_folder_of_networks_and_other_files(place):
    inside = ModelStore(place.networks / "04_second" / "private")
    inside.put("main", gender_classifier(32), "gender_classifier", {"size": 32})
    write_arrays(inside.folder / "eraser.npz", {"projection": np.eye(3)})
    private = {"from": "04_second/private/", "main": "main", "purpose": "makes a new face"}
    with pytest.raises(ShipError, match="do not say `trained_on`"):
        ship(place, {"private": private})
    ship(place, {**LISTED, "private": {**private, "trained_on": "CelebA"}})
    card = read_model_cards(place.target).loc["private"]
    assert card.trained_on == "CelebA" and card["dtype"] == "float16" and card.parameters > 0
    for name, same in (("eraser.npz", True), ("main.npz", False)):
        shipped = (place.target / "private" / name).read_bytes()
        assert (shipped == (inside.folder / name).read_bytes()) == same
    (place.target / "private" / "eraser.npz").write_bytes(b"x")
    with pytest.raises(WeightsError, match="not the one of its card"):
        read_model_cards(place.target)
    inside.put_prototypes(np.zeros((3, 16, 16, 3)))
    with pytest.raises(ShipError, match="holds prototypes"):
        ship(place, {"private": {**private, "trained_on": "CelebA"}})


CLEANIR = {
    "from": "03_first/ours",
    "parts": ["encoder", "decoder", "identities"],
    "beside": {"cleaner": "04_second/cleaner"},
    "purpose": "paints a face as somebody else",
}


def _cleanir(folder, name="ours", **facts):
    """A CLEANIR of a few weights, as a training leaves it."""
    settings, shelf = {"size": 32, "identity": 8, "attributes": 8, "width": 1 / 16}, ModelStore(folder)
    about = {"trained_on": "CelebA", "template": [0.28, 0.52], **facts}
    for part in ("encoder", "decoder"):
        network = ARCHITECTURES[f"cleanir_{part}"](**settings)
        shelf.put(f"{name}_{part}", network, f"cleanir_{part}", settings, about=about)
    IdentityDistribution.of(np.zeros(8), np.eye(8)).save(folder / f"{name}_identities.npz")
    return shelf


def test_a_network_of_several_files(place):
    shelf = _cleanir(place.networks / "03_first")
    _cleanir(place.networks / "03_first", "source")
    halves = np.random.default_rng(0).normal(size=(60, 8))
    cleaner = AttributeCleaner.fit(halves, np.repeat(np.arange(20), 3), 2)
    cleaner.save(place.networks / "04_second" / "cleaner.npz")
    source = {"from": "03_first/source", "parts": CLEANIR["parts"], "purpose": "to compare"}
    assert ship(place, {"cleanir": CLEANIR, "cleanir_source": source}) == ["cleanir", "cleanir_source"]
    ends = ("cleaner", "decoder", "encoder", "identities")
    assert sorted(contents(place.target)) == sorted(
        [
            CARDS_FILE,
            *(f"cleanir_{end}.npz" for end in ends),
            *(f"cleanir_source_{end}.npz" for end in ends[1:]),
        ]
    )
    for part in ("encoder", "decoder"):
        before, after = shelf.get(f"ours_{part}"), ModelStore(place.target).get(f"cleanir_{part}")
        limit = 0.5 / 255 if part == "decoder" else OTHERS
        assert TOLERANCE.get(f"cleanir_{part}", OTHERS) == pytest.approx(limit)
        assert 0 < difference(before, after) <= limit
        stored = read_arrays(place.target / f"cleanir_{part}.npz")
        assert {a.dtype.name for a in stored.values() if a.dtype.kind == "f"} == {"float16"}
    for mine, theirs in (("03_first/ours_identities", "identities"), ("04_second/cleaner", "cleaner")):
        same = (place.networks / f"{mine}.npz").read_bytes()
        assert (place.target / f"cleanir_{theirs}.npz").read_bytes() == same
    card = read_model_cards(place.target).loc["cleanir"]
    assert card.kind == "cleanir_encoder" and card.trained_on == "CelebA" and card["dtype"] == "float16"
    assert card.parameters == sum(shelf.get(f"ours_{part}").count_params() for part in ("encoder", "decoder"))
    made = StoredCleanir(place.target, key="a secret of some length")
    faces = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3), np.uint8)
    assert made.cleaned and protect(made, faces).shape == faces.shape, "the folder tool reads what ships"


def test_a_network_of_several_files_ships_whole_or_not(place):
    shelf = _cleanir(place.networks / "03_first")
    assert ship(place, {"cleanir": CLEANIR}, {"03_first"}) == ["cleanir"], "no cleaner without its chapter"
    assert not StoredCleanir(place.target).cleaned
    before = contents(place.target)
    with pytest.raises(WeightsError, match=r"cleaner\.npz is missing"):
        ship(place, {"cleanir": CLEANIR})
    (shelf.folder / "ours_identities.npz").unlink()
    with pytest.raises(WeightsError, match=r"ours_identities\.npz is missing"):
        ship(place, {"cleanir": CLEANIR}, {"03_first"})
    assert contents(place.target) == before


def test_chapters_that_do_not_run_ship_nothing(place, capsys):
    assert ship(place, chapters=set()) == [] and not place.target.exists()
    assert ship(place, chapters={"04_second"}) == ["ours"]


def test_the_list_of_the_real_profile():
    listed = yaml.safe_load((paths.ROOT / "profiles" / "real" / "weights.yaml").read_text())
    assert {"classifier", "ours", "private", "cleanir"} <= set(listed), "what protections need"
    assert listed["cleanir"]["parts"] == ["encoder", "decoder", "identities"]
    for name, entry in listed.items():
        assert re.fullmatch(r"\d\d_\w+/\w+/?", entry["from"]) and entry["purpose"], name


def test_the_makefile_pulls_weights_and_pages_by_name(tmp_path):
    def lines(verb):
        words = ["make", "-n", "-o", "setup", verb]
        return subprocess.run(words, cwd=paths.ROOT, capture_output=True, text=True, check=True).stdout

    pull = next(line for line in lines("read").splitlines() if "dvc pull pages/" in line)
    for chapter in (paths.ROOT / "notebooks").glob("[0-9]*.md"):
        assert f"pages/{chapter.stem}.ipynb" in pull
    assert "dvc pull dvc.yaml" not in lines("read"), "it fails on outs that do not travel"
    pulls_weights = {verb: "if [ -f weights.dvc ]; then" in lines(verb) for verb in ("read", "data", "book")}
    assert pulls_weights == {"read": False, "data": True, "book": True}, "who only reads needs no networks"
    stages = yaml.safe_load((paths.ROOT / "dvc.yaml").read_text())["stages"]
    made = [out for stage in stages.values() for out in stage["outs"] if isinstance(out, str)]
    assert all(out in pull for out in made), "an out that travels and is no page: name it in the Makefile"


@pytest.mark.skipif(not paths.WEIGHTS.is_dir(), reason="no weights fetched: `dvc pull weights.dvc`")
def test_every_network_that_ships_fits_the_code_of_today():
    """An architecture that changed needs a setting: what shipped before was built without it."""
    loaded = 0
    for path in sorted(paths.WEIGHTS.rglob("*.npz")):
        if stored_kind(read_arrays(path)) in ARCHITECTURES:
            loaded += ModelStore(path.parent).get(path.stem).count_params() > 0
    assert loaded >= 5
