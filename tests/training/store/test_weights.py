"""Weights on disk: equal bytes, checked names, shapes and hashes, no pickle."""

import keras
import numpy as np
import pytest

from lib.arrays import WeightsError, read_arrays
from lib.training.store.weights import load, metadata, save, short_name
from tests.exact import exactly

pytestmark = pytest.mark.numeric


def network(units=4, seed=0):
    keras.utils.set_random_seed(seed)
    return keras.Sequential(
        [
            keras.layers.Input((5,)),
            keras.layers.Dense(units),
            keras.layers.BatchNormalization(),
            keras.layers.Dropout(0.5),
            keras.layers.Dense(2),
        ]
    )


def test_equal_weights_give_equal_bytes(tmp_path):
    """In one process too, where the second network's layers get other names."""
    first, second = network(), network()
    second.layers[0].trainable = False
    assert first.layers[0].name != second.layers[0].name
    hashes = {
        save(net, tmp_path / f"{i}.npz", about={"b": 1, "a": 2}) for i, net in enumerate((first, second))
    }
    assert len(hashes) == 1
    assert (tmp_path / "0.npz").read_bytes() == (tmp_path / "1.npz").read_bytes()
    assert save(network(seed=1), tmp_path / "2.npz", about={"b": 1, "a": 2}) not in hashes
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0.npz", "1.npz", "2.npz"]


def test_what_was_saved_is_loaded(tmp_path):
    net, other = network(), network(seed=1)
    sha256 = save(net, tmp_path / "w.npz", about={"data": "rendered", "licence": "research only"})
    assert load(other, tmp_path / "w.npz", sha256=sha256) == {"data": "rendered", "licence": "research only"}
    for a, b in zip(net.get_weights(), other.get_weights(), strict=True):
        assert exactly(a, b, because="npz keeps every bit")


def test_half_the_space_for_near_weights(tmp_path):
    net, other = network(units=400), network(units=400, seed=1)
    save(net, tmp_path / "32.npz")
    save(net, tmp_path / "16.npz", float16=True)
    assert (tmp_path / "16.npz").stat().st_size < 0.7 * (tmp_path / "32.npz").stat().st_size
    load(other, tmp_path / "16.npz")
    x = np.ones((3, 5), np.float32)
    np.testing.assert_allclose(other(x), net(x), atol=1e-2)
    assert other.weights[0].dtype == "float32"


def test_what_cannot_be_stored_is_refused(tmp_path):
    net = network()
    net.layers[0].kernel.assign(np.full((5, 4), 1e6))
    save(net, tmp_path / "w.npz")
    with pytest.raises(WeightsError, match="dense/kernel does not fit into float16"):
        save(net, tmp_path / "w.npz", float16=True)
    net.layers[0].kernel.assign(np.full((5, 4), np.nan))
    with pytest.raises(WeightsError, match="not finite"):
        save(net, tmp_path / "w.npz")


def test_another_network_is_named(tmp_path):
    save(network(), tmp_path / "w.npz")
    with pytest.raises(
        WeightsError, match=r"weight 0 is dense/kernel \(5, 4\), .* has dense/kernel \(5, 3\)"
    ):
        load(network(units=3), tmp_path / "w.npz")
    smaller = keras.Sequential([keras.layers.Input((5,)), keras.layers.Dense(4)])
    with pytest.raises(WeightsError, match=r"holds 8 weights, the network .* has 2"):
        load(smaller, tmp_path / "w.npz")


def test_damaged_foreign_and_missing_files_are_named(tmp_path):
    path = tmp_path / "w.npz"
    with pytest.raises(WeightsError, match="missing"):
        load(network(), path)
    with pytest.raises(WeightsError, match="missing"):
        metadata(path)
    sha256 = save(network(), path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(WeightsError, match="expected"):
        load(network(), path, sha256=sha256)
    with pytest.raises(WeightsError, match="cannot be read"):
        load(network(), path)
    np.savez(path, kernel=np.zeros(3))
    with pytest.raises(WeightsError, match="description"):
        load(network(), path)


def test_an_exchanged_array_is_seen(tmp_path):
    path = tmp_path / "w.npz"
    save(network(), path)
    arrays = read_arrays(path)
    changed = {name: array + 1 if name.endswith("kernel") else array for name, array in arrays.items()}
    np.savez(path, **changed)
    with pytest.raises(WeightsError, match="damaged"):
        load(network(), path)


def test_pickles_are_not_opened(tmp_path):
    class Bomb:
        def __reduce__(self):
            return (pytest.fail, ("code ran",))

    np.savez(tmp_path / "bomb.npz", about=np.array(Bomb(), dtype=object))
    with pytest.raises(WeightsError, match="cannot be read"):
        load(network(), tmp_path / "bomb.npz")


def test_names_without_the_numbers_of_a_process():
    network()
    names = [short_name(variable) for variable in network().weights]
    assert names[:3] == ["dense/kernel", "dense/bias", "batch_normalization/gamma"]


def test_bfloat16_is_widened(tmp_path):
    net, other = (
        keras.Sequential([keras.layers.Input((3,)), keras.layers.Dense(2, dtype="bfloat16")]) for _ in "ab"
    )
    save(net, tmp_path / "w.npz")
    load(other, tmp_path / "w.npz")
    assert exactly(
        np.float32(net.weights[0].numpy()),
        np.float32(other.weights[0].numpy()),
        because="npz keeps every bit",
    )
