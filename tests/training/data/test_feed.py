"""Order and coverage of epochs, what a batch holds, and flips that take companions along."""

import os

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.faces.faceset import EXPRESSIONS, FaceSet
from lib.training.data import mapped_rows as reading
from lib.training.data.augmentations import RandomFlip, mirror_boxes, mirror_points
from lib.training.data.feed import Batch, Feed, FeedError, balanced_order, column, shuffled_order, unit
from lib.training.data.mapped_rows import Reader, read_rows
from lib.training.loop.prefetch import PrefetchedBatches, without_autotune
from tests.exact import exactly

pytestmark = pytest.mark.numeric


def numbered(count, size=4):
    """Image k is full of k: a batch shows what was read."""
    return np.broadcast_to(
        np.arange(count, dtype=np.uint8)[:, None, None, None], (count, size, size, 3)
    ).copy()


def seen(feed, epoch=0):
    return [feed.batch(epoch, step)[0][:, 0, 0, 0] for step in range(len(feed))]


@settings(max_examples=60, deadline=None)
@given(
    count=st.integers(1, 60),
    batch=st.integers(1, 20),
    seed=st.integers(0, 9),
    epoch=st.integers(0, 5),
    remainder=st.sampled_from(["fill", "short", "drop"]),
)
def test_an_epoch_covers_the_set(count, batch, seed, epoch, remainder):
    options = {"batch": batch, "seed": seed, "remainder": remainder}
    if remainder == "drop" and count < batch:
        with pytest.raises(FeedError, match="no batch"):
            Feed({"image": numbered(count)}, **options)
        return
    batches = seen(Feed({"image": numbered(count)}, **options), epoch)
    again = seen(Feed({"image": numbered(count)}, **options), epoch)
    assert exactly(batches, again, because="the same operations in the same order")
    rows = np.concatenate(batches)
    if remainder == "drop":
        assert len(rows) == count // batch * batch == len(set(rows))
    else:
        assert set(rows) == set(range(count))
    if remainder == "fill":
        assert {len(rows) for rows in batches} == {batch}
        assert np.bincount(rows).max() <= 1 + -(-(batch - 1) // count)
    if remainder == "short":
        assert len(rows) == count


def test_the_order_follows_from_seed_and_epoch_alone():
    feed = Feed({"image": numbered(50)}, seed=7)
    late = Feed({"image": numbered(50)}, seed=7)
    orders = [feed.order(epoch).copy() for epoch in range(4)]
    assert exactly(late.order(3), orders[3], because="the order of rows is integers"), (
        "not from how the run got there"
    )
    assert len({tuple(order) for order in orders}) == 4
    assert (Feed({"image": numbered(50)}, seed=8).order(0) != orders[0]).any()
    assert exactly(shuffled_order(50, 7, 2), orders[2], because="the order of rows is integers")


@settings(max_examples=60, deadline=None)
@given(sizes=st.lists(st.integers(1, 12), min_size=1, max_size=6), seed=st.integers(0, 9))
def test_balanced_draws_are_equal_and_take_turns(sizes, seed):
    groups = np.repeat(np.arange(len(sizes)), sizes)
    share = -(-len(groups) // len(sizes))
    epochs = [balanced_order(groups, seed, epoch) for epoch in range(8)]
    for order in epochs:
        assert (np.bincount(groups[order], minlength=len(sizes)) == share).all()
    drawn = np.concatenate(epochs)
    for group in range(len(sizes)):
        counts = np.bincount(drawn[groups[drawn] == group], minlength=len(groups))[groups == group]
        assert counts.max() - counts.min() <= 1, "none twice before all once"


def test_a_balanced_feed():
    subjects = np.array(["a"] * 9 + ["b"] * 2 + ["c"] * 1)
    feed = Feed({"image": numbered(12)}, balance=subjects, batch=3, seed=1)
    assert feed.images_per_epoch == 12
    drawn = subjects[np.concatenate(seen(feed))]
    assert [int((drawn == name).sum()) for name in "abc"] == [4, 4, 4]


class Watched:
    """An array that remembers which rows it was asked for."""

    def __init__(self, array):
        self.array, self.shape, self.dtype, self.asked = array, array.shape, array.dtype, []

    def __getitem__(self, rows):
        self.asked.append(rows.tolist())
        return self.array[rows]


def test_rows_are_read_in_ascending_order():
    watched = Watched(np.arange(9) * 10)
    assert read_rows(watched, np.array([5, 2, 8, 2])).tolist() == [50, 20, 80, 20]
    assert watched.asked == [[2, 2, 5, 8]]


def test_a_memory_map_gives_what_the_array_gives(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (30, 4, 4, 3)).astype(np.uint8)
    np.save(tmp_path / "images.npy", images)
    mapped = np.load(tmp_path / "images.npy", mmap_mode="r")
    for step in range(3):
        a = Feed({"image": mapped}, batch=10, seed=2).batch(1, step)[0]
        b = Feed({"image": images}, batch=10, seed=2).batch(1, step)[0]
        assert type(a) is np.ndarray and (a == b).all()


def test_what_a_batch_holds():
    values = {"male": np.arange(6, dtype=np.float32) % 2, "age": np.arange(6.0)}
    feed = Feed({"image": numbered(6)}, values, batch=6, shuffle=False, scale=True, targets=["image", "age"])
    x, y = feed.batch(0, 0)
    assert x.dtype == np.float32 and np.allclose(x[5], 5 / 255) and set(y) == {"image", "age"}
    weighted = Feed({"image": numbered(6)}, values, batch=4, targets="male", weights="age", shuffle=False)
    x, y, w = weighted.batch(0, 1)
    assert x.dtype == np.uint8 and y.tolist() == [0, 1] and w.tolist() == [4, 5]
    assert np.allclose(unit(numbered(6)), x_scaled(6)) and np.allclose(unit(x_scaled(6)), x_scaled(6))


def x_scaled(count):
    return numbered(count).astype(np.float32) / 255


def test_bad_feeds_are_named():
    images = {"image": numbered(4)}
    with pytest.raises(FeedError, match="one length"):
        Feed(images, {"male": np.zeros(3)})
    with pytest.raises(FeedError, match="no array 'smile'"):
        Feed(images, targets="smile")
    with pytest.raises(FeedError, match="NaN in 1 of 4"):
        Feed(images, {"male": np.array([0, 1, np.nan, 1])}, targets="male")
    with pytest.raises(FeedError, match="rows reach"):
        Feed(images, rows=[0, 4])
    with pytest.raises(FeedError, match="name the targets"):
        Feed(images, {"w": np.ones(4)}, weights="w")
    with pytest.raises(FeedError, match="balance has 3"):
        Feed(images, balance=np.zeros(3))


def faces(count=8):
    labels = pd.DataFrame(
        {
            "image": [f"{i}.png" for i in range(count)],
            "subject": [f"s{i // 2}" for i in range(count)],
            "split": ["train"] * (count - 2) + ["test"] * 2,
            "Male": pd.array([True, False, None, True] * (count // 4), dtype="boolean"),
            "age": np.arange(count, dtype=float),
            "expression": ["happy", "", "neutral", "sad"] * (count // 4),
        }
    )
    return FaceSet(numbered(count), labels, "tiny")


def test_a_feed_from_faces():
    with pytest.raises(FeedError, match="1 of 6 images lack one of Male"):
        Feed.from_faces(faces(), split="train", labels=["Male"], targets="Male")
    options = {"labels": ["Male", "age"], "targets": "Male", "missing": "skip", "batch": 2}
    feed = Feed.from_faces(faces(), split="train", balance="subject", **options)
    assert feed.rows.tolist() == [0, 1, 3, 4, 5] and feed.images_per_epoch == 6
    assert Feed.from_faces(faces(), split="train", rows=[7, 5, 2]).rows.tolist() == [2, 5]
    sizes = {kind: Feed.from_faces(faces(), batch=3, remainder=kind).smallest for kind in ("short", "fill")}
    assert sizes == {"short": 2, "fill": 3}
    assert column(faces(), "Male")[:2].tolist() == [1, 0] and np.isnan(column(faces(), "Male")[2])
    assert column(faces(), "expression")[:2].tolist() == [EXPRESSIONS.index("happy"), -1]
    with pytest.raises(FeedError, match="holds text"):
        column(faces(), "subject")
    with pytest.raises(FeedError, match="no column 'smile'"):
        column(faces(), "smile")


def test_the_identity_tells_feeds_apart():
    plain = Feed.from_faces(faces(), seed=1).identity
    assert Feed.from_faces(faces(), seed=1).identity == plain
    other = faces()
    other.images[3] += 1
    assert Feed.from_faces(other, seed=1).identity != plain
    assert Feed.from_faces(faces(), seed=1, augment=[RandomFlip(0.2)]).identity != plain
    assert Feed.from_faces(faces(), seed=1, split="train").identity != plain


def flipped_batch(augmentation, count=40):
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (count, 6, 8, 3)).astype(np.uint8)
    values = {
        "points": random.uniform(0, 7, (count, 5, 2)).astype(np.float32),
        "boxes": np.tile(np.float32([1, 2, 4, 6]), (count, 1)),
        "yaw": np.arange(count, dtype=np.float32),
        "male": np.arange(count) % 2,
    }
    batch = Batch({"image": images, "prototype": 255 - images}, values, np.arange(count))
    return batch, augmentation(batch, np.random.default_rng(3))


def companions_agree(before, after):
    return exactly(after.pictures["prototype"], 255 - after.pictures["image"], because="whole grey levels")


def test_a_flip_takes_companions_points_boxes_and_angles_along():
    before, after = flipped_batch(RandomFlip())
    flipped = (after.values["yaw"] != before.values["yaw"]) | (before.values["yaw"] == 0)
    some = np.flatnonzero(flipped)
    assert 8 < len(some) < 32 and companions_agree(before, after)
    k = some[-1]
    assert exactly(
        after.pictures["image"][k], before.pictures["image"][k, :, ::-1], because="whole grey levels"
    )
    assert after.values["boxes"][k].tolist() == [4, 2, 7, 6]
    np.testing.assert_allclose(after.values["points"][k, 0, 0], 7 - before.values["points"][k, 1, 0])
    np.testing.assert_allclose(after.values["points"][k, 0, 1], before.values["points"][k, 1, 1])
    assert exactly(after.values["male"], before.values["male"], because="labels are 0 and 1")
    assert exactly(
        before.pictures["image"],
        flipped_batch(RandomFlip(0.0))[1].pictures["image"],
        because="whole grey levels",
    )


def test_a_flip_of_the_image_alone_would_be_seen():
    def careless(batch, random):
        flipped = RandomFlip(1.0)(batch, random)
        return Batch({**batch.pictures, "image": flipped.pictures["image"]}, batch.values, batch.rows)

    assert not companions_agree(*flipped_batch(careless))


def test_mirrored_twice_is_unchanged():
    points = np.random.default_rng(1).uniform(0, 20, (3, 5, 2))
    boxes = np.array([[1.0, 2, 5, 9]])
    np.testing.assert_allclose(mirror_points(mirror_points(points, 21), 21), points)
    np.testing.assert_allclose(mirror_boxes(mirror_boxes(boxes, 21), 21), boxes)


def test_augmentation_is_a_function_of_the_step():
    images = np.random.default_rng(0).integers(0, 256, (32, 4, 4, 3)).astype(np.uint8)
    feed = Feed({"image": images}, batch=32, shuffle=False, augment=[RandomFlip()])
    assert (feed.batch(2, 0)[0] == feed.batch(2, 0)[0]).all()
    assert (feed.batch(2, 0)[0] != feed.batch(3, 0)[0]).any()


def test_batches_made_ahead_are_the_same_batches():
    feed = Feed({"image": numbered(50)}, batch=4, seed=1)
    with PrefetchedBatches(feed, prefetch=3, workers=3) as ahead:
        for epoch in (0, 1):
            ahead.epoch = epoch
            assert [
                ahead[0][0][0, 0, 0, 0],
                ahead[1][0][0, 0, 0, 0],
            ]  # Keras looks at the first two beforehand
            for step in range(len(ahead)):
                assert (ahead[step][0] == feed.batch(epoch, step)[0]).all()
            assert len(ahead.pending) <= 3


def test_an_error_in_a_thread_is_raised():
    def broken(batch, random):
        raise ValueError(f"row {batch.rows[0]}")

    feed = Feed({"image": numbered(4)}, shuffle=False, augment=[broken])
    with PrefetchedBatches(feed) as ahead, pytest.raises(ValueError, match="row 0"):
        ahead[0]


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="reads Linux' account of memory")
def test_memory_is_bounded_by_batches_not_by_the_set(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "MAPPED", 2**23)
    path = tmp_path / "images.npy"
    np.lib.format.open_memmap(path, mode="w+", dtype=np.uint8, shape=(20_000, 32, 32, 3)).flush()
    feed = Feed({"image": np.load(path, mmap_mode="r")}, batch=64, scale=True)
    feed.batch(0, 0)
    before = memory()
    for step in range(len(feed)):
        feed.batch(0, step)
    assert all(after - b < 16 for after, b in zip(memory(), before, strict=True)), "MiB; the set has 59"


def memory():
    """The process's own memory and mapped pages, MiB."""
    with open("/proc/self/status") as file:
        found = dict(line.split(":", 1) for line in file)
    return [int(found[name].split()[0]) / 1024 for name in ("RssAnon", "RssFile")]


def test_changed_pages_are_never_given_back(tmp_path):
    np.save(tmp_path / "a.npy", np.zeros((4, 2)))
    assert Reader([np.load(tmp_path / "a.npy", mmap_mode="r")[1:]]).maps
    assert not Reader([np.load(tmp_path / "a.npy", mmap_mode="c"), np.zeros(3)]).maps


def test_a_row_named_twice_is_shown_twice_in_every_epoch(world):
    rows = np.resize([5, 2, 9], 8)
    feed = Feed.from_faces(world, labels=("Male",), rows=rows, batch=4, seed=3)
    for epoch in range(2):
        shown = np.concatenate([feed.batch_rows(epoch, step) for step in range(len(feed))])
        assert sorted(shown) == [2, 2, 2, 5, 5, 5, 9, 9]


def test_keras_gets_the_same_batches_from_a_pipeline_that_does_not_tune_itself(world):
    feed = Feed.from_faces(world, labels=("Male",), targets="Male", batch=7, shuffle=False, scale=True)
    given = without_autotune(feed)
    assert given.options().autotune.enabled is False and int(given.cardinality()) == len(feed)
    for _ in range(2):  # as in two epochs
        for step, (image, male) in enumerate(given):
            wanted = feed.batch(0, step)
            assert image.dtype == wanted[0].dtype and np.allclose(image, wanted[0], rtol=1e-6)
            assert exactly(male, wanted[1], because="labels are 0 and 1")
    assert len(image) == len(world) % 7  # the short one is not lost
    pair = (np.zeros(3), np.zeros(3))
    assert without_autotune(pair) is pair and without_autotune(None) is None
