"""How the chapters open their faces: the crop of their parameters, a detector for photographs, one cache."""

from __future__ import annotations

from collections.abc import Sequence

from lib.book import paths
from lib.faces.faceset import FaceSet
from lib.faces.loading import align, load
from lib.faces.loading.crops import Crop
from lib.judges.dlib_judges import DlibFrontal


def crop_of(size: int, aligned: Sequence[float] = ()) -> Crop:
    """The crop that a chapter's parameters name.

    Parameters
    ----------
    size : pixels, height and width.
    aligned : eye distance and height of the face as parts of the crop; empty: the publisher's window.
    """
    if not aligned:
        return "window"
    eye_distance, centre = aligned
    return align.crop_template(eye_distance, centre, (size, size))


def opened(
    source: str, path: str | list[str], *, size: int, aligned: Sequence[float] = (), limit: int = 0
) -> FaceSet:
    """A publisher's faces as the chapters' parameters name them, packed once below `paths.CACHE`.

    Rendered faces come with their five points; on photographs dlib's detector finds them.

    Parameters
    ----------
    source : publisher, a name in `load.READERS`.
    path : from the repository's root, or below `photographs`; see `paths.located`.
    size, aligned : as for `crop_of`.
    limit : images at most; 0: all.

    Raises
    ------
    FaceSetError : as `load.load`.
    """
    detector = None if source == "rendered" else DlibFrontal()
    return load.load(
        source,
        paths.located(path),
        size=size,
        crop=crop_of(size, aligned),
        detector=detector,
        limit=limit or None,
        cache=paths.CACHE,
    )
