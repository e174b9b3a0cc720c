"""The one fixture world: a few rendered subjects that every test shares."""

from __future__ import annotations

import gc
import os
import pickle
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "without_jax")]  # what is about JAX runs in other processes
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
gc.set_threshold(50_000)  # a fifth less time to import TensorFlow
for threads in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
    os.environ.setdefault(threads, "1")  # the processes that run tests keep the cores busy

if TYPE_CHECKING:
    from lib.faces.faceset import FaceSet
    from lib.faces.rendered import Rendering


def _folder(variable: str, default: str) -> Path:
    return Path(os.environ.get(variable, ROOT / default))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests first: the last one decides how long one of two processes waits for the other."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(scope="session", autouse=True)
def in_one_process() -> Iterator[None]:
    """Tests run beside each other already; what is about processes asks for them."""
    from joblib import parallel_config

    with parallel_config(backend="sequential"):
        yield


@pytest.fixture(scope="session")
def photographs() -> Path:
    """Folder with the publishers' photographs, or the test is skipped."""
    folder = _folder("FACEVALUE_PHOTOGRAPHS", "photographs")
    if not folder.is_dir():
        pytest.skip("no photographs here: name their folder in FACEVALUE_PHOTOGRAPHS")
    return folder


@pytest.fixture(scope="session")
def published() -> Path:
    """Folder with the published networks, or the test is skipped."""
    folder = _folder("FACEVALUE_PUBLISHED", "published")
    if not folder.is_dir():
        pytest.skip("no published networks here: name their folder in FACEVALUE_PUBLISHED")
    return folder


@pytest.fixture(scope="session")
def renderings(tmp_path_factory: pytest.TempPathFactory) -> list[Rendering]:
    """The pictures of `world` with all that is known about them; drawn once for all processes of a run."""
    from lib.faces.locking import locked

    folder = tmp_path_factory.getbasetemp()
    shared = (folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / "renderings.pickle"
    with locked(shared.parent):
        if not shared.exists():
            drawn = [rendering for number in range(24) for rendering in _four_pictures(number)]
            shared.write_bytes(pickle.dumps(drawn))
    return pickle.loads(shared.read_bytes())


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory, renderings: list[Rendering]) -> FaceSet:
    """Rendered faces with every label: 24 subjects x 4 images at 64 px, 16 / 4 / 4 subjects per split."""
    from lib.faces.faceset import FaceSet
    from lib.faces.rendered import label_row

    folder = tmp_path_factory.mktemp("world") / "rendered"
    splits = ["train"] * 16 + ["validation"] * 4 + ["test"] * 4
    rows = [{**label_row(one.truth), "split": splits[one.truth.subject]} for one in renderings]
    images = np.stack([one.image for one in renderings])
    faces = FaceSet(images, pd.DataFrame(rows), "rendered", {"source": "rendered"}, publishable=True)
    return FaceSet.open(faces.save(folder))


def _four_pictures(number: int) -> list[Rendering]:
    """Sexes alternate, the seven expressions take turns."""
    from lib.faces.faceset import EXPRESSIONS
    from lib.faces.rendered import prepare, render, sample_shot, sample_subject

    subject = sample_subject(number, sex=1.2 if number % 2 else -1.2)
    prepared = prepare(subject)
    shots = [sample_shot(subject, k, EXPRESSIONS[(4 * number + k) % len(EXPRESSIONS)]) for k in range(4)]
    return [render(prepared, shot, 64) for shot in shots]
