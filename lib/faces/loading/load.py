"""Load a publisher's faces as a FaceSet: `load(source, path, ...)`, packed into a cache once."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from lib.faces.detections import FaceFinder
from lib.faces.faceset import FaceSet, FaceSetError
from lib.faces.loading.adapters.registry import READERS, SCENES
from lib.faces.loading.archive import Paths
from lib.faces.loading.crops import Crop
from lib.faces.loading.identity import identity
from lib.faces.loading.pack import VERSION, crop_name, detector_name, height_and_width, pack
from lib.faces.loading.source import Source


def read(source: str, path: Paths) -> Source:
    """Read `path` by the adapter of the publisher `source`; returns its Source.

    Raises
    ------
    FaceSetError : no such adapter, or the data set is missing or half downloaded; names file and remedy.
    """
    if source not in READERS:
        hint = f"; use lib.faces.loading.adapters.{source}.read for its scenes" if source in SCENES else ""
        raise FaceSetError(f"no publisher {source!r}, there are {', '.join(READERS)}{hint}")
    return READERS[source](path)


def load(
    source: str,
    path: Paths,
    *,
    size: int | tuple[int, int],
    cache: str | Path,
    crop: Crop = "window",
    detector: FaceFinder | None = None,
    limit: int | None = None,
    workers: int | None = None,
    progress: bool = True,
) -> FaceSet:
    """Load a publisher's faces at one size: packed below `cache` at first, then opened from there.

    The cache is keyed by everything that decides the result: the publisher, place, size and last change of
    the files, crop, size, limit, the detector's name, and the version of the packing code.

    Parameters
    ----------
    source : one of READERS.
    path : folder, zip or tar of the publisher's files, or several; a folder may hold archives.
    size, crop, detector, limit, workers, progress : see `pack.pack`.
    cache : folder below which packed sets lie, each in a folder of its own.

    Raises
    ------
    FaceSetError : as `read` and `pack.pack`.
    """
    if source not in READERS:
        read(source, path)
    height_width = height_and_width(size)
    facts = [VERSION, source, identity(path), height_width, crop_name(crop), detector_name(detector), limit]
    key = hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:12]
    folder_ = Path(cache) / f"{source}-{height_width[0]}x{height_width[1]}-{key}"
    if not folder_.exists():
        how = {"detector": detector, "crop": crop, "workers": workers, "limit": limit, "progress": progress}
        try:
            return pack(read(source, path), folder_, height_width, **how)  # type: ignore[arg-type]
        except FileExistsError:  # another process has packed it while this one waited
            pass
    return FaceSet.open(folder_)
