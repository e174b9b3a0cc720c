"""Prefetch batches in threads and hand them to Keras in order."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Protocol

import keras
import numpy as np


class Batches(Protocol):
    """Protocol of what `fit` needs of a feed; `Feed` fulfils it."""

    def __len__(self) -> int:
        """Number of steps per epoch."""
        ...

    def batch(self, epoch: int, step: int) -> tuple[Any, ...]:
        """Batch of one step; equal for equal arguments."""
        ...


class PrefetchedBatches(keras.utils.PyDataset):
    """Batches of the current `epoch`, prefetched by threads; a context manager.

    Keras looks at the first batches more than once and may still read an old epoch while a new one starts.
    Batches are pure functions of (epoch, step), so that does no harm.

    Parameters
    ----------
    prefetch, workers : batches made ahead, and threads that make them.
    """

    def __init__(self, feed: Batches, *, prefetch: int = 4, workers: int = 2) -> None:
        super().__init__()
        self.feed, self.prefetch = feed, prefetch
        self.epoch = 0
        self.pending: dict[tuple[int, int], Future] = {}
        self.lock = threading.Lock()
        self.pool = ThreadPoolExecutor(max(1, workers), thread_name_prefix="feed")

    def __len__(self) -> int:
        return len(self.feed)

    def __getitem__(self, index: int) -> tuple[Any, ...]:
        """Batch of step `index`; starts the following ones."""
        with self.lock:
            epoch = self.epoch
            wanted = {(epoch, i) for i in range(index, min(index + self.prefetch + 1, len(self)))}
            for key in set(self.pending) - wanted:
                self.pending.pop(key).cancel()
            for key in sorted(wanted - set(self.pending)):
                self.pending[key] = self.pool.submit(self.feed.batch, *key)
            batch = self.pending.pop((epoch, index))
        return batch.result()

    def __enter__(self) -> PrefetchedBatches:
        return self

    def __exit__(self, *error: object) -> None:
        self.pool.shutdown(cancel_futures=True)


def without_autotune(batches: Any) -> Any:
    """Dataset without tf.data autotuning for Keras' fit, which then does not pause after epochs.

    Under TensorFlow, Keras turns a PyDataset into a pipeline that tunes itself. At the end of each epoch it
    is taken down, and the thread that tunes often misses the call: seconds pass in which nothing is computed
    (measured: 14 of 31 s on one core). The same pipeline that does not tune itself ends at once.

    Parameters
    ----------
    batches : a PyDataset of known length; anything else comes back as it is.
    """
    if keras.backend.backend() != "tensorflow" or not isinstance(batches, keras.utils.PyDataset):
        return batches
    import tensorflow as tf

    def each() -> Iterator[Any]:
        return (batches[step] for step in range(len(batches)))

    signature = tf.nest.map_structure(_spec, batches[0])
    options = tf.data.Options()
    options.autotune.enabled = False
    pipeline = tf.data.Dataset.from_generator(each, output_signature=signature)
    counted = pipeline.apply(tf.data.experimental.assert_cardinality(len(batches)))
    return counted.prefetch(2).with_options(options)


def _spec(array: np.ndarray) -> Any:
    import tensorflow as tf

    return tf.TensorSpec((None, *array.shape[1:]), keras.backend.standardize_dtype(array.dtype))
