import keras
import pytest

from lib.networks.gender_classifier import gender_classifier
from lib.networks.layer_table import layer_table
from lib.networks.san_reference import autoencoder


def test_the_outline_of_the_autoencoder_counts_and_connects():
    network = autoencoder(32)
    rows = {row.name: row for row in layer_table(network)}
    assert sum(row.parameters for row in rows.values()) == network.count_params()
    assert rows["encoder1"][1:] == ((32, 32, 8), 296, "Conv2D", ("encoder_input",))
    assert rows["combiner_input"].sources == ("decoder2_up", "shown")
    assert rows["shown"].sources == () and rows["shown"].kind == "InputLayer"


def test_steps_that_are_no_layers_are_passed_over():
    given = keras.Input((3,), name="given")
    dense = keras.layers.Dense(2, name="dense")(given)
    last = keras.layers.Dense(1, name="last")(dense[:, 1:] - dense[:, :1])
    rows = {row.name: row for row in layer_table(keras.Model(given, last))}
    assert rows["last"].sources == ("dense",)
    assert layer_table(gender_classifier(64))[-1].name == "gender"


def test_a_network_that_is_not_built_has_no_outline():
    class Plain(keras.Model):
        def __init__(self) -> None:
            super().__init__(name="plain")
            self.dense = keras.layers.Dense(1)

    with pytest.raises(ValueError, match="no fixed output"):
        layer_table(Plain())
    with pytest.raises(ValueError, match="no layers"):
        layer_table(keras.Sequential(name="nothing"))
