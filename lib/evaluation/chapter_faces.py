"""Open a FaceSet as a chapter's parameters describe it: crop, detector, cache."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lib.faces.faceset import FaceSet
from lib.faces.loading import align, load
from lib.faces.loading.crops import Crop
from lib.judges.dlib_detector import DlibFrontal


def crop_of(size: int, aligned: Sequence[float] = ()) -> Crop:
    """Crop that a chapter's parameters describe.

    Parameters
    ----------
    size : pixels, height and width.
    aligned : eye distance and height of the face as parts of the crop; empty: the publisher's window.
    """
    if not aligned:
        return "window"
    eye_distance, centre = aligned
    return align.crop_template(eye_distance, centre, (size, size))


def open_faces(
    source: str,
    path: Path | list[Path],
    *,
    cache: Path,
    size: int,
    aligned: Sequence[float] = (),
    limit: int = 0,
) -> FaceSet:
    """Load a publisher's faces in a chapter's crop; they are packed below `cache` at first use.

    Rendered faces come with their five points; on photographs dlib's detector finds them.

    Parameters
    ----------
    source : publisher, a name in `READERS`.
    path : folder or archive of the publisher's files, or several.
    cache : folder below which packed faces lie.
    size, aligned : as for `crop_of`.
    limit : images at most; 0: all.

    Raises
    ------
    FaceSetError : as `load.load`.
    """
    return load.load(
        source,
        path,
        size=size,
        crop=crop_of(size, aligned),
        detector=None if source == "rendered" else DlibFrontal(),
        limit=limit or None,
        cache=cache,
    )
