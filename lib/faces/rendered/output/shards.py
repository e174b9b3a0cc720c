"""Draw shards of rendered faces: tar files of WebP images with labels, in parallel and resumable.

Equal settings give equal bytes on every machine.
Layout of `shard-00000.tar`: `000000_00.webp`, ... and `labels.csv`; the tar's comment holds the settings.
"""

from __future__ import annotations

import io
import json
import posixpath
import tarfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import fsspec
import numpy as np
import pandas as pd
from fsspec.core import url_to_fs
from PIL import Image
from threadpoolctl import threadpool_limits

from lib.faces.faceset import ATTRIBUTES, EXPRESSIONS, FaceSetError
from lib.faces.rendered.output.label_rows import label_row
from lib.faces.rendered.random_streams import generator
from lib.faces.rendered.scene.render import Rendering, render
from lib.faces.rendered.scene.shot import sample_shot
from lib.faces.rendered.subject.prepared_subject import prepare
from lib.faces.rendered.subject.subject import sample_subject
from lib.faces.shard_map import map_shards

_FREQUENT = ("neutral", "happy")
_RARE = tuple(name for name in EXPRESSIONS if name not in _FREQUENT)
_DIGITS = 5
RENDERER = 2
"""Raised whenever the renderer draws another picture from the same numbers, so that no folder holds both.
A test compares the pack that ships with what is drawn now, and fails until both were renewed."""


@dataclass(frozen=True)
class Settings:
    """Settings of a set of rendered faces.

    Attributes
    ----------
    first : number of the first subject, 0 or more.
    subjects, images : how many subjects, and pictures of each, 1 or more.
    size : pixels of the square pictures, 16 or more.
    quality : of WebP, 1 to 100.
    shard_subjects : subjects of a shard, 1 or more; the last one may have fewer.
    """

    subjects: int
    images: int = 7
    size: int = 112
    first: int = 0
    quality: int = 80
    shard_subjects: int = 50

    def __post_init__(self) -> None:
        least = {"first": 0, "size": 16}
        for name, value in asdict(self).items():
            if value < least.get(name, 1):
                raise ValueError(f"{name} is {value}; {least.get(name, 1)} is the least")
        if self.quality > 100:
            raise ValueError(f"quality is {self.quality}; 100 is the most")

    @property
    def names(self) -> list[str]:
        """File names of all shards."""
        return [f"shard-{k:0{_DIGITS}d}.tar" for k in range(-(-self.subjects // self.shard_subjects))]

    def of_shard(self, name: str) -> dict[str, int]:
        """Content of one shard: first subject, subjects, images, size, quality, renderer version."""
        before = int(name[-_DIGITS - 4 : -4]) * self.shard_subjects
        return {
            "first": self.first + before,
            "subjects": min(self.shard_subjects, self.subjects - before),
            "images": self.images,
            "size": self.size,
            "quality": self.quality,
            "renderer": RENDERER,
        }


def planned_expressions(subject_number: int, images: int, world: int = 0) -> list[str]:
    """Expression of each image of a subject; of seven two neutral, two happy, three others.

    Other numbers of pictures keep these shares on average over subjects; no other expression comes twice
    before each came once. Order and choice are drawn from the subject's number.
    """
    r = generator("expressions", world, subject_number)
    steps = (np.arange(images) + r.random()) * 7 / images  # systematic sampling of the shares 2, 2, 3
    groups = np.searchsorted([2, 4], steps, side="right")
    rare = [name for _ in range(images // len(_RARE) + 1) for name in r.permutation(_RARE)]
    named = [_FREQUENT[group] if group < 2 else str(rare[k]) for k, group in enumerate(np.sort(groups)[::-1])]
    return [str(name) for name in r.permutation(named)]


def draw_subject(number: int, images: int, size: int) -> Iterator[Rendering]:
    """Render the images of one subject, with its planned expressions."""
    subject = sample_subject(number)
    prepared = prepare(subject)
    for k, expression in enumerate(planned_expressions(number, images)):
        yield render(prepared, sample_shot(subject, k, expression), size)


def draw_shards(
    settings: Settings, folder: str, *, workers: int | None = None, client: Any = None
) -> list[str]:
    """Draw all missing shards into a folder, in parallel; returns the paths of all.

    Parameters
    ----------
    folder : fsspec path.
    workers : processes; None: one for each core.
    client : `dask.distributed.Client` of a cluster that sees the folder; None draws here.

    Returns
    -------
    Paths of all shards.

    Raises
    ------
    FaceSetError : the folder has a shard that was drawn with other settings.
    """
    check_shards(settings, folder)
    draw = partial(draw_shard, settings)
    if client is not None or workers == 1:
        return map_shards(draw, settings.names, folder, client=client, scheduler="synchronous", label="faces")
    next(draw_subject(settings.first, 1, 16))  # compiles the kernels once, not in every process
    return map_shards(draw, settings.names, folder, scheduler="processes", workers=workers, label="faces")


def check_shards(settings: Settings, folder: str) -> None:
    """Raise FaceSetError if the folder has shards drawn with other settings.

    Raises
    ------
    FaceSetError : there is one; the message names it and the remedy.
    """
    system, path = url_to_fs(folder)
    for shard in sorted(system.glob(posixpath.join(path, "shard-*.tar"))):
        name = posixpath.basename(shard)
        wanted = settings.of_shard(name) if name in settings.names else None
        with system.open(shard, "rb") as file:
            found = _comment(file)
        if found != wanted:
            raise FaceSetError(
                f"{posixpath.join(folder, name)} was drawn with other settings: it has {_said(found)}, "
                f"now it would have {_said(wanted)}; draw into another folder, or remove its shards"
            )


def draw_shard(settings: Settings, name: str, target: str) -> None:
    """Draw one shard into `target`, an fsspec path; equal settings give equal bytes."""
    own = settings.of_shard(name)
    comment = {"comment": json.dumps(own)}
    rows = []
    with (
        threadpool_limits(1),
        fsspec.open(target, "wb") as file,
        tarfile.open(fileobj=file, mode="w|", format=tarfile.PAX_FORMAT, pax_headers=comment) as tar,
    ):
        for number in range(own["first"], own["first"] + own["subjects"]):
            for rendering in draw_subject(number, own["images"], own["size"]):
                rows.append(label_row(rendering.truth))
                _add(tar, rows[-1]["image"] + ".webp", _webp(rendering.image, own["quality"]))
        _add(tar, "labels.csv", _csv(rows).encode())


def _add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    member = tarfile.TarInfo(name)  # owner, mode and time are TarInfo's constants
    member.size = len(data)
    tar.addfile(member, io.BytesIO(data))


def _csv(rows: list[dict[str, Any]]) -> str:
    """Labels as compact CSV: attributes as 0 and 1, numbers with two decimals."""
    table = pd.DataFrame(rows)
    flags = [name for name in ATTRIBUTES if name in table]
    table[flags] = table[flags].astype(int)
    return table.to_csv(index=False, float_format="%.2f", lineterminator="\n")


def _webp(image: np.ndarray, quality: int) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "WEBP", quality=quality, method=6)
    return buffer.getvalue()


def _comment(file: Any) -> dict[str, int] | None:
    """Settings stored in a shard's comment; None if missing or damaged."""
    try:
        with tarfile.open(fileobj=file, mode="r:") as tar:
            return dict(json.loads(tar.pax_headers["comment"]))
    except (tarfile.TarError, KeyError, ValueError):
        return None


def _said(settings: dict[str, int] | None) -> str:
    return ", ".join(f"{name} {value}" for name, value in settings.items()) if settings else "none"
