"""Feed: batches from a FaceSet or from arrays, in an order that depends on (seed, epoch) only."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import keras
import numpy as np

from lib.faces.faceset import EXPRESSIONS, FaceSet
from lib.training.data.mapped_rows import Reader

Remainder = Literal["fill", "short", "drop"]

Names = str | Sequence[str]

_HASHED_WHOLE = 2**24  # bytes; of larger arrays a sample of rows is hashed


class FeedError(ValueError):
    """Arrays or labels from which no batch can be made; the message names the column and the remedy."""


@dataclass
class Batch:
    """A batch as augmentations take and return it.

    Attributes
    ----------
    pictures : arrays (B, H, W, C) by name: the image and its companions. One geometry holds for all of them.
    values : all other arrays (B, ...) by name, labels and points among them.
    rows : (B,) int, rows of the set.
    """

    pictures: dict[str, np.ndarray]
    values: dict[str, np.ndarray] = field(default_factory=dict)
    rows: np.ndarray = field(default_factory=lambda: np.zeros(0, int))


Augmentation = Callable[[Batch, np.random.Generator], Batch]


class Feed(keras.utils.PyDataset):
    """Batches as a pure function of (epoch, step), so that a resumed training sees the same ones.

    The images may be a memory map larger than the memory: a batch reads its rows in ascending order, and
    nothing but the batches under way and one permutation is held. `fit` prefetches in threads. As a Keras
    PyDataset it also goes straight into `evaluate` and `predict`.

    Parameters
    ----------
    pictures : arrays (N, H, W, C) by name; `image`, and companions that share its geometry (a second image, a
        prototype warped to each face, a mask).
    values : arrays (N, ...) by name: labels, features, points.
    inputs, targets, weights : names of what a batch gives as x, y, sample_weight. One name gives an array,
        several give a dict. Without targets a batch is (x,).
    batch : images in a batch.
    seed : of order and augmentation.
    rows : indices or mask of the rows to use; None takes all. Cheaper than `FaceSet.split`, which copies. One
        that is named twice is shown twice in every epoch.
    shuffle : another order in each epoch; else ascending.
    balance : (N,) group of each row (subjects, or labels); each group is drawn equally often in every epoch.
        A group's images take turns over the epochs, so all are seen.
    augment : applied one after the other, each gets a generator that follows from (seed, epoch, step).
    remainder : the last batch is filled from the start of the epoch's order, short, or dropped. Default:
        `fill` when shuffled (all batches have one shape, nothing is left out), else `short`.
    scale : uint8 pictures leave as float32 in [0, 1]; else as uint8, a quarter of the traffic: use `unit` on
        the device.

    Raises
    ------
    FeedError : arrays of unequal length, unknown names, NaN among targets or weights, or no rows.
    """

    def __init__(
        self,
        pictures: Mapping[str, np.ndarray],
        values: Mapping[str, np.ndarray] | None = None,
        *,
        inputs: Names = "image",
        targets: Names | None = None,
        weights: str | None = None,
        batch: int = 32,
        seed: int = 0,
        rows: np.ndarray | Sequence[int] | None = None,
        shuffle: bool = True,
        balance: np.ndarray | None = None,
        augment: Sequence[Augmentation] = (),
        remainder: Remainder | None = None,
        scale: bool = False,
    ) -> None:
        super().__init__()
        self.pictures, self.values = dict(pictures), dict(values or {})
        self.inputs, self.targets, self.weights = inputs, targets, weights
        self.size, self.seed, self.shuffle, self.scale = batch, seed, shuffle, scale
        self.augment = tuple(augment)
        self.remainder: Remainder = remainder or ("fill" if shuffle else "short")
        self.rows = _rows(rows, self._length())
        self.groups = None if balance is None else self._groups(balance)
        self.read = Reader([*self.pictures.values(), *self.values.values()])
        self.epoch = 0
        self._last_order: tuple[int, np.ndarray] = (-1, np.zeros(0, int))
        self._check()

    @classmethod
    def from_faces(
        cls,
        faces: FaceSet,
        *,
        split: str | None = None,
        labels: Sequence[str] = (),
        companions: Mapping[str, np.ndarray] | None = None,
        values: Mapping[str, np.ndarray] | None = None,
        balance: str | None = None,
        missing: Literal["error", "skip"] = "error",
        **options: Any,
    ) -> Feed:
        """Make a Feed from a FaceSet with its labels.

        Parameters
        ----------
        split : one of SPLITS; None takes all.
        labels : columns to carry as values under their names, see `column`.
        companions : arrays (N, H, W, C) that share the geometry of the images.
        values : further arrays (N, ...).
        balance : column whose values are drawn equally often: `subject`, `Male`, `expression`, ...
        missing : what to do where one of `labels` is unknown: an error, or leave the image out.
        options : of Feed; `rows` narrows the choice further.

        Raises
        ------
        FeedError : no such column, a row without a label under `missing="error"`, or no rows left.
        """
        given = {**{name: column(faces, name) for name in labels}, **(values or {})}
        use = np.sort(_rows(options.pop("rows", None), len(faces)))
        if split is not None:
            use = use[(faces.labels["split"] == split).to_numpy()[use]]
        known = np.ones(len(faces), bool)
        for name in labels:
            known &= ~_unknown(given[name])
        if missing == "error" and not known[use].all():
            raise FeedError(
                f"{faces.name}: {int((~known[use]).sum())} of {len(use)} images lack one of "
                f'{", ".join(labels)}; leave them out with missing="skip"'
            )
        groups = None if balance is None else faces.labels[balance].astype(str).to_numpy(dtype=str)
        pictures = {"image": faces.images, **(companions or {})}
        return cls(pictures, given, rows=use[known[use]], balance=groups, **options)

    def __len__(self) -> int:
        """Number of steps per epoch."""
        full, rest = divmod(self.images_per_epoch, self.size)
        return full + bool(rest and self.remainder != "drop")

    @property
    def smallest(self) -> int:
        """Number of images in the smallest batch."""
        return (self.images_per_epoch % self.size or self.size) if self.remainder == "short" else self.size

    @property
    def images_per_epoch(self) -> int:
        """Images drawn per epoch: the rows, or if balanced groups x ceil(rows / groups)."""
        if self.groups is None:
            return len(self.rows)
        groups = int(self.groups.max()) + 1
        return groups * -(-len(self.rows) // groups)

    def order(self, epoch: int) -> np.ndarray:
        """Rows of the set in the order of an epoch, int64; depends on (seed, epoch) only."""
        if not self.shuffle:
            return self.rows
        known, order = self._last_order
        if known != epoch:
            if self.groups is None:
                order = self.rows[shuffled_order(len(self.rows), self.seed, epoch)]
            else:
                order = self.rows[balanced_order(self.groups, self.seed, epoch)]
            self._last_order = (epoch, order)
        return order

    def batch_rows(self, epoch: int, step: int) -> np.ndarray:
        """Rows of the set in one batch, in order, int64."""
        order = self.order(epoch)
        rows = order[step * self.size : (step + 1) * self.size]
        if self.remainder == "fill" and len(rows) < self.size:
            rows = np.concatenate([rows, np.resize(order, self.size - len(rows))])
        return rows

    def batch(self, epoch: int, step: int) -> tuple[Any, ...]:
        """One batch as (x,), (x, y) or (x, y, sample_weight); thread-safe and deterministic."""
        rows = self.batch_rows(epoch, step)
        out = Batch(
            {name: self.read(array, rows) for name, array in self.pictures.items()},
            {name: self.read(array, rows) for name, array in self.values.items()},
            rows,
        )
        random = np.random.default_rng([1, self.seed, epoch, step])
        for augmentation in self.augment:
            out = augmentation(out, random)
        return self._assemble(out)

    def __getitem__(self, index: int) -> tuple[Any, ...]:
        """Batch of step `index` in the current epoch (PyDataset)."""
        return self.batch(self.epoch, index)

    @property
    def identity(self) -> dict[str, Any]:
        """Fingerprint of everything that determines the batches, as JSON data.

        Settings, rows, values, and hashes of the images (of a sample of rows where they are large).
        """
        arrays = {**self.pictures, **self.values}
        return {
            "batch": self.size,
            "seed": self.seed,
            "shuffle": self.shuffle,
            "remainder": self.remainder,
            "scale": self.scale,
            "names": repr([self.inputs, self.targets, self.weights]),
            "augment": [getattr(a, "__qualname__", None) or repr(a) for a in self.augment],
            "rows": _digest(self.rows),
            "groups": None if self.groups is None else _digest(self.groups),
            "arrays": {name: _digest(array) for name, array in arrays.items()},
        }

    def _assemble(self, batch: Batch) -> tuple[Any, ...]:
        found = {**batch.values, **batch.pictures}
        if self.scale:
            for name, picture in batch.pictures.items():
                if picture.dtype == np.uint8:
                    found[name] = picture.astype(np.float32) / np.float32(255)
        parts = [part for part in (self.inputs, self.targets, self.weights) if part is not None]
        return tuple(found[p] if isinstance(p, str) else {name: found[name] for name in p} for p in parts)

    def _length(self) -> int:
        lengths = {name: len(array) for name, array in {**self.pictures, **self.values}.items()}
        if len(set(lengths.values())) != 1:
            raise FeedError(f"arrays of a feed must be of one length, got {lengths}")
        return next(iter(lengths.values()))

    def _groups(self, balance: np.ndarray) -> np.ndarray:
        if len(balance) != self._length():
            raise FeedError(f"balance has {len(balance)} entries for {self._length()} images")
        return np.unique(np.asarray(balance)[self.rows], return_inverse=True)[1]

    def _check(self) -> None:
        known = [*self.pictures, *self.values]
        for part in (self.inputs, self.targets, self.weights):
            for name in () if part is None else (part,) if isinstance(part, str) else part:
                if name not in known:
                    raise FeedError(f"the feed has no array {name!r}; there are {', '.join(known)}")
                if part is not self.inputs and name in self.values:
                    _check_known(self.values[name][self.rows], name)
        if len(self) == 0:
            raise FeedError(f"no batch: {len(self.rows)} rows, batch {self.size}, remainder {self.remainder}")
        if self.weights is not None and self.targets is None:
            raise FeedError("weights without targets: name the targets")


def unit(images: Any, dtype: str | None = None) -> Any:
    """Images as floats in [0, 1] on the device: integers are divided by 255, floats stay.

    Parameters
    ----------
    images : tensor of any shape.
    dtype : of the result; None takes Keras' float type.
    """
    whole = keras.backend.is_int_dtype(keras.backend.standardize_dtype(images.dtype))
    out = keras.ops.cast(images, dtype or keras.config.floatx())
    return out / 255 if whole else out


def column(faces: FaceSet, name: str) -> np.ndarray:
    """A label column of a FaceSet as numbers: float32 (NaN where unknown), expressions int32.

    An expression is its place in EXPRESSIONS, -1 where unknown.

    Raises
    ------
    FeedError : no such column, or text, which only its reader can number.
    """
    if name not in faces.labels.columns:
        raise FeedError(f"{faces.name} has no column {name!r}; there are {', '.join(faces.labels.columns)}")
    if name == "expression":
        places = {expression: place for place, expression in enumerate(EXPRESSIONS)}
        return faces.labels[name].map(places).fillna(-1).to_numpy(np.int32)
    try:
        return faces.labels[name].to_numpy(np.float32, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise FeedError(
            f"{faces.name}: column {name!r} holds text; number it and give it as `values`"
        ) from error


def _rows(rows: np.ndarray | Sequence[int] | None, length: int) -> np.ndarray:
    if rows is None:
        return np.arange(length)
    index = np.asarray(rows)
    index = np.flatnonzero(index) if index.dtype == bool else index.astype(np.int64)
    if len(index) and (index.min() < 0 or index.max() >= length):
        raise FeedError(f"rows reach from {index.min()} to {index.max()}, the arrays have {length}")
    return index


def _unknown(values: np.ndarray) -> np.ndarray:
    unknown: np.ndarray = np.isnan(values) if values.dtype.kind == "f" else values < 0
    return unknown.reshape(len(values), -1).max(axis=1)


def _check_known(values: np.ndarray, name: str) -> None:
    if values.dtype.kind == "f" and np.isnan(values).any():
        raise FeedError(
            f"{name!r} is NaN in {int(_unknown(values).sum())} of {len(values)} rows: leave these rows out, "
            "or fill them and give weights"
        )


def _digest(array: np.ndarray) -> str:
    part = array if array.nbytes <= _HASHED_WHOLE else array[:: max(1, len(array) // 64)]
    head = f"{array.dtype.str} {array.shape};".encode()
    return hashlib.sha256(head + np.ascontiguousarray(part).tobytes()).hexdigest()


def shuffled_order(size: int, seed: int, epoch: int) -> np.ndarray:
    """Random permutation of 0 to `size` - 1 for one epoch, int64."""
    return np.random.default_rng([0, seed, epoch]).permutation(size)


def balanced_order(groups: np.ndarray, seed: int, epoch: int) -> np.ndarray:
    """Rows of one epoch in which every group occurs equally often, ceil(N / groups) times, shuffled.

    Within a group the images take turns: over the epochs they follow one permutation after the other, so none
    comes twice before all came once, however unequal the groups.

    Parameters
    ----------
    groups : (N,) int, 0 to number of groups - 1, each present.

    Returns
    -------
    Places in `groups`, int64.
    """
    sizes = np.bincount(groups)
    share = -(-len(groups) // len(sizes))
    members = np.split(np.argsort(groups, kind="stable"), np.cumsum(sizes)[:-1])
    draws = [
        member[_turns(len(member), epoch * share, share, (2, seed, group))]
        for group, member in enumerate(members)
    ]
    return np.random.default_rng([0, seed, epoch]).permutation(np.concatenate(draws))


def _turns(size: int, start: int, count: int, key: tuple[int, ...]) -> np.ndarray:
    """Entries `start` to `start` + `count` of an endless sequence of permutations of `size` items."""
    rounds = range(start // size, (start + count - 1) // size + 1)
    row = np.concatenate([np.random.default_rng([*key, r]).permutation(size) for r in rounds])
    offset = start - rounds[0] * size
    return row[offset : offset + count]
