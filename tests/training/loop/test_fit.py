"""Keys and states of runs, best weights, guards that stop a run, and what is printed and kept."""

import io

import keras
import numpy as np
import pandas as pd
import pytest

from lib.arrays import WeightsError
from lib.training.loop.best_epoch import EpochSelection
from lib.training.loop.checkpoint import Checkpoint, CheckpointOptions, run_key, state_variables
from lib.training.loop.device import set_determinism
from lib.training.loop.fit import clear, fit
from lib.training.loop.guards import GuardError, Guards, LossBounds
from lib.training.loop.history import History, Progress, concatenate, duration
from tests.exact import exactly
from tests.training import tiny_training as tiny
from tests.training.tiny_training import assert_equal

pytestmark = pytest.mark.numeric


def test_best_weights_and_patience(tmp_path):
    """The lowest validation loss decides, and a finished run returns at once if its state was kept."""
    options = {"selection": EpochSelection("best", patience=1), "seed": 4, "remove": False}
    net, history = tiny.run(tmp_path, **options)
    losses = history.table["val_loss"]
    assert exactly(history.best, losses.idxmin() + 1, because="epochs are counted")
    assert history.epochs == tiny.EPOCHS or history.epochs == history.best + 1
    _, validation = tiny.feeds()
    assert net.evaluate(validation, verbose=0)[0] == pytest.approx(losses.min(), rel=1e-5)
    again, other = tiny.run(tmp_path, **options, callbacks=[tiny.Break(0, 0), tiny.Break(1, 0)])
    pd.testing.assert_frame_equal(other.table, history.table)
    assert_equal(again.get_weights(), net.get_weights())
    clear(tmp_path)
    assert not list(tmp_path.iterdir())


def key(identity, settings=None, seed=1, **optimizer):
    set_determinism(seed)
    net = tiny.network(**optimizer)
    net.optimizer.build(net.trainable_variables)
    return run_key(net, identity, settings or {"epochs": 3})


def test_all_that_decides_is_in_the_key():
    same = key({"data": "a"})
    assert key({"data": "a"}) == same, "in one process too, where Keras counts names up"
    others = [
        key({"data": "b"}),
        key({"data": "a"}, {"epochs": 4}),
        key({"data": "a"}, seed=2),
        key({"data": "a"}, dropout=0.2, seed=3),
        key({"data": "a"}, beta_1=0.8),
    ]
    assert len({same, *others}) == 6
    with pytest.raises(TypeError, match="JSON"):
        key({"data": object()})


def test_a_state_of_another_network_is_refused(tmp_path):
    net = tiny.network()
    net.optimizer.build(net.trainable_variables)
    store = Checkpoint(tmp_path, "key")
    store.path.write_bytes(b"half a file")
    with pytest.raises(WeightsError, match="cannot be read"):
        store.restore(net)
    for where, message in (("{}", "another network"), ('{"step": 2}', "within an epoch")):
        np.savez(store.path, where=np.array(where), **{"variable/00000": np.zeros(3)})
        with pytest.raises(WeightsError, match=message):
            store.restore(net)


class Constant(keras.Model):
    """Outputs one number, whatever comes in."""

    def __init__(self, start=0.0):
        super().__init__()
        self.level = self.add_weight(shape=(1,), initializer=keras.initializers.Constant(start))

    def call(self, x):
        return keras.ops.sigmoid(self.level) + 0 * keras.ops.mean(x, axis=(1, 2, 3))[:, None]


def compiled(rate=0.0, loss="mse"):
    net = Constant()
    net(np.zeros((1, 8, 8, 3), np.float32))
    net.compile(keras.optimizers.SGD(rate), loss, jit_compile=False)
    return net


def test_guards_stop_a_run():
    train, _ = tiny.feeds()
    options = {"epochs": 1, "checkpoint": CheckpointOptions(None, {})}
    guards = Guards({"loss": LossBounds(0.0, {"0.5": 0.25})})
    with pytest.raises(GuardError, match="ignores its input"):
        fit(compiled(), train, guards=guards, **options)
    with pytest.raises(GuardError, match="loss not finite in epoch 1"):
        fit(compiled(rate=float("nan")), train, **options)

    def refuse(model, history):
        raise GuardError(f"seen after epoch {history['epoch'].iloc[-1]}")

    with pytest.raises(GuardError, match="seen after epoch 1"):
        fit(compiled(), train, guards=Guards(checks=(refuse,)), **options)


def test_wrong_calls_are_named():
    train, _ = tiny.feeds()
    options = {"epochs": 1, "checkpoint": CheckpointOptions(None, {})}
    with pytest.raises(ValueError, match="call compile"):
        fit(Constant(), train, **options)
    with pytest.raises(ValueError, match="no column 'val_loss'"):
        fit(compiled(), train, selection=EpochSelection("best"), **options)
    with pytest.raises(ValueError, match="must not shuffle"):
        fit(compiled(), train, train, **options)


def test_a_second_optimizer_belongs_to_the_state():
    net = compiled()
    net.adversary = keras.optimizers.Adam()
    train, _ = tiny.feeds()
    with pytest.raises(ValueError, match="optimizer that is not built"):
        fit(net, train, epochs=1, checkpoint=CheckpointOptions(None, {}))
    net.adversary.build([net.level])
    held = {id(variable) for variable in state_variables(net)}
    assert {id(variable) for variable in net.adversary.variables} <= held


def test_progress_says_epoch_loss_excess_and_time():
    out = io.StringIO()
    progress = Progress("san", 4, 10, {"loss": 0.5}, stream=out)
    progress.begin(1)
    progress.show(1, 8, {"loss": 0.75})
    progress.show(2, 0, {"loss": 0.625, "val_loss": 0.7})
    lines = out.getvalue().splitlines()
    assert lines[0] == "san: resumed after epoch 1"
    assert lines[1].startswith("san: epoch 2/4 step 8/10  loss 0.75 (floor +0.25)  ")
    assert lines[2].startswith("san: epoch 2/4  loss 0.625 (floor +0.125)  val_loss 0.7  ")
    assert all(line.endswith(" left") for line in lines[1:])
    assert [duration(s) for s in (8, 200, 7500)] == ["8 s", "3 min 20 s", "2 h 05 min"]


def test_a_minus_before_the_monitor_keeps_the_highest(tmp_path):
    net, history = tiny.run(tmp_path, selection=EpochSelection("best", "-val_loss"), seed=4)
    losses = history.table["val_loss"]
    assert exactly(history.best, losses.idxmax() + 1, because="epochs are counted")
    _, validation = tiny.feeds()
    assert net.evaluate(validation, verbose=0)[0] == pytest.approx(losses.max(), rel=1e-5)


def test_of_equally_good_epochs_the_one_of_the_lowest_loss_is_kept():
    epochs = [(0.9, 0.3), (1.0, 0.6), (1.0, 0.2), (1.0, 0.4)]
    rows = [{"val_auc": auc, "val_loss": loss} for auc, loss in epochs]
    selection = EpochSelection("best", "-val_auc")
    assert selection.best(rows) == 3
    for row in rows:
        del row["val_loss"]
    assert selection.best(rows) == 2


def test_phases_become_one_course():
    first = History(pd.DataFrame({"epoch": [1, 2], "loss": [3.0, 2.0]}), 2)
    second = History(pd.DataFrame({"epoch": [1, 2, 3], "loss": [2.5, 1.0, 1.5], "pixel": [5.0, 4.0, 3.0]}), 2)
    course = concatenate([first, second])
    assert course.table["epoch"].tolist() == [1, 2, 3, 4, 5] and course.best == 4
    assert course.last("loss") == 1.5 and course.table["pixel"].isna().tolist() == [True] * 2 + [False] * 3


def test_history_is_written_as_csv(tmp_path):
    table = pd.DataFrame({"epoch": [1, 2], "loss": [1 / 3, 0.25]})
    path = History(table, 2).save(tmp_path / "new" / "history.csv")
    assert path.read_text() == "epoch,loss\n1,0.333333\n2,0.25\n"
