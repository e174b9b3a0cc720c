"""What the protections make of faces: each beside its own control, told the true label or nothing."""

import keras
import numpy as np
import pandas as pd
import pytest

from lib.deidentify.protections.base import ProtectionError
from lib.deidentify.protections.baselines import Unaltered
from lib.evaluation.protections import CONTROLS, Protections, with_comparisons, with_controls
from lib.faces.faceset import FaceSet
from lib.faces.grey import to_grey
from lib.measures.image_quality import rmse
from lib.training.inference import reconstruct
from tests.exact import exactly

SIZE = 16


@pytest.fixture(scope="module")
def faces():
    images = np.random.default_rng(0).integers(60, 190, (4, SIZE, SIZE, 3), np.uint8)
    labels = pd.DataFrame({"image": list("abcd"), "subject": list("abcd"), "split": "test"})
    return FaceSet(images, labels.assign(Male=pd.array([True, False, True, False], "boolean")), "tiny")


@pytest.fixture(scope="module")
def san():
    """Adds a tenth of the label to the picture; OP takes it away."""
    inputs = {"image": keras.Input((SIZE, SIZE, 1), name="image"), "label": keras.Input((), name="label")}
    shift = keras.layers.Rescaling(0.1)(keras.layers.Reshape((1, 1, 1))(inputs["label"]))
    image = inputs["image"]
    return keras.Model(inputs, {"sm": image + shift, "nt": image + 0.0, "op": image - shift})


class Inverted(Unaltered):
    """The negative, told nothing."""

    def __call__(self, faces, **labels):
        return 255 - faces


def test_attackers_see_originals_protections_and_their_controls(faces, san):
    protections = Protections(san, private=Inverted(colour="grey"))
    seen = protections.attacked(faces)
    assert set(seen) == {"before", "op", "control", "private", "private_control"}
    assert exactly(seen["private"], 255 - seen["before"], because="whole grey levels")
    gone = seen["before"].astype(int) - seen["op"]
    assert np.allclose(gone[[0, 2]], 25.5, atol=1.1) and not gone[[1, 3]].any()
    assert exactly(seen["op"], protections.op(faces), because="the same call")
    for name in ("op", "private"):
        asked, reached = (rmse(seen[one], seen["before"]) for one in (name, CONTROLS[name]))
        furthest = rmse(
            np.broadcast_to(seen["before"].mean((1, 2), keepdims=True), seen["before"].shape), seen["before"]
        )
        assert np.allclose(reached, np.minimum(asked, furthest), rtol=0.05, atol=1)


def test_a_control_that_is_there_stays_and_others_need_their_protection(faces, san):
    before = to_grey(faces.images)
    mine = before // 2
    kept = with_controls({"before": before, "op": before, "control": mine})
    assert kept["control"] is mine and set(kept) == {"before", "op", "control"}


def test_without_rivals_there_are_none(faces, san):
    made = Protections(san).treatments(faces, pretrained=san)
    assert list(made) == ["before", "reconstruction", "sm", "nt", "op", "control"]
    assert exactly(made["reconstruction"], made["sm"], because="the same network")
    assert Protections(san).generated(faces) == {}
    theirs = Protections(san, published=Inverted(colour="grey"))
    assert set(theirs.treatments(faces, san)) - set(made) == {"authors_op"}


def test_a_label_that_is_unknown_stops(faces, san):
    unknown = FaceSet(
        faces.images, faces.labels.assign(Male=pd.array([True, None, True, False], "boolean")), "tiny"
    )
    with pytest.raises(ProtectionError, match="Male, unknown for 1 images"):
        Protections(san).op(unknown)


def test_recipes_are_told_the_label_and_have_controls_of_their_own(faces, san):
    told = Protections(san, recipes={"report_op": san})
    made = told.treatments(faces, san)
    assert exactly(made["report_op"], made["op"], because="the same network")
    assert {"report_op", "report_control"} <= set(told.attacked(faces))
    assert not {"report_sm", "report_nt"} & set(made)
    assert Protections(san).treatments_and_prototypes(faces, san)[1] == {}


def test_all_outputs_of_a_recipe_come_from_one_pass(faces, san, monkeypatch):
    asked = []

    def counted(network, *rest):
        asked.append(network)
        return reconstruct(network, *rest)

    monkeypatch.setattr("lib.evaluation.protections.reconstruct", counted)
    both = dict.fromkeys(("report_op", "reversed_op"), san)
    made, also = Protections(san, recipes=both).treatments_and_prototypes(faces, san)
    assert len(asked) == 2 and {"report_op", "reversed_op"} <= set(made)
    assert list(also) == ["report_sm", "report_nt", "reversed_sm", "reversed_nt"]
    for name in also:
        assert exactly(also[name], made[name.partition("_")[2]], because="the same network")


def test_a_second_control_and_the_rival_stand_at_the_distance_of_op(faces, san):
    before = to_grey(faces.images)
    op = np.clip(before.astype(int) + 6, 0, 255).astype(np.uint8)
    near = np.clip(before.astype(int) - 3, 0, 255).astype(np.uint8)
    made = with_comparisons({"before": before, "op": op, "authors_op": near})
    for name in ("resampled", "authors_op_matched", "control"):
        assert np.allclose(rmse(made[name], before), 6, atol=0.6), name
    assert rmse(near, before).max() < 4
