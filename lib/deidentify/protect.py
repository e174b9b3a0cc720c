"""One call for a folder of photographs or a clip, and what the command line and it choose alike."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lib.deidentify.photos.detection import UNION, detector_named
from lib.deidentify.photos.folder import FolderOptions, protect_folder
from lib.deidentify.photos.manifest import Manifest
from lib.deidentify.photos.regions import Region, Tint, careful_paste
from lib.deidentify.protections.base import Protection
from lib.deidentify.protections.registry import protection_named, takes
from lib.deidentify.secret_key import secret_key
from lib.deidentify.video.options import VideoOptions
from lib.deidentify.video.report import Report
from lib.judges.base import Judge


def protect(
    source: str | Path,
    out: str | Path,
    protection: str = "cleanir",
    *,
    strength: float | None = None,
    angle: float | None = None,
    per: str | None = None,
    key: str | None = None,
    key_file: str | Path | None = None,
    region: Region | None = None,
    tint: Tint | None = None,
    detector: str = UNION,
    recogniser: str = "dlib",
    workers: int = 1,
    **options: Any,
) -> Manifest | Report:
    """Protect the faces of a folder of photographs, or of a clip, as `python -m lib.deidentify` does.

    Parameters
    ----------
    source : a folder, or a clip that OpenCV reads.
    out : a new folder, or the new clip.
    protection : name in `protections.registry`.
    strength, angle, per, key, key_file : of the protection, where it has them; see `chosen_protection`.
    region, tint : how much of a head is replaced, and the colour of a painted face; None: what suits the
        protection.
    detector, recogniser : by name; `union`, `mtcnn` or `dlib`, and `dlib` or `none`.
    workers : processes; of a folder.
    options : further fields of FolderOptions or VideoOptions, as `overwrite`.

    Returns
    -------
    The manifest of the folder, or the report on the clip. Either says by `complete` whether all was
    protected, and by `withstands` what is known of attackers.

    Raises
    ------
    PhotosError, BrokenOffError : as `protect_folder` and `protect_clip`.
    ProtectionError : no such protection, what it does not take, or weights that are missing.
    TypeError, KeyError, ValueError : an option, a detector or a recogniser that there is not.
    """
    clip = Path(source).is_file()
    chosen = chosen_protection(
        protection, clip=clip, strength=strength, angle=angle, per=per, key=key, key_file=key_file
    )
    told = {**options, "paste": careful_paste(protection, region, tint)}
    told["recogniser"] = recogniser_named(recogniser)
    finder = detector_named(detector)
    if not clip:
        return protect_folder(source, out, chosen, finder, FolderOptions(**told), workers=workers)
    from lib.deidentify.video.protect_clip import protect_clip

    return protect_clip(source, out, chosen, finder, VideoOptions(**told))


def chosen_protection(
    name: str,
    *,
    clip: bool,
    strength: float | None = None,
    angle: float | None = None,
    per: str | None = None,
    key: str | None = None,
    key_file: str | Path | None = None,
) -> Protection:
    """A protection by name; one that draws at random has a secret key, and in a clip draws for each person.

    Parameters
    ----------
    strength, angle, per : None is left out.
    key, key_file : see `secret_key`; neither is looked for where nothing is drawn.

    Raises
    ------
    ProtectionError : as `protection_named` and `secret_key`.
    """
    draws = takes(name, "key")
    if draws or key is not None or key_file is not None:
        key = secret_key(key, key_file)
    if draws and clip and per is None:
        per = "subject"
    return protection_named(name, strength, angle=angle, per=per, key=key)


def recogniser_named(name: str) -> Judge | None:
    """dlib's matcher, or nobody for `none`; ValueError for another name."""
    if name == "none":
        return None
    if name != "dlib":
        raise ValueError(f"no recogniser {name!r}; there are dlib and none")
    from lib.judges.dlib_recogniser import DlibRecogniser

    return DlibRecogniser()
