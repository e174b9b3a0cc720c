"""Tiny files as publishers lay them out, in any kind of archive."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

KINDS = ["folder", "zip", "tar", "tgz"]


def write_archive(path: Path, kind: str, files: dict[str, bytes | str]) -> Path:
    """The same files as a folder, a zip or a tar."""
    content = {name: data.encode() if isinstance(data, str) else data for name, data in files.items()}
    if kind == "folder":
        for name, data in content.items():
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            (path / name).write_bytes(data)
        return path
    path = path.with_name(f"{path.name}.{kind}")
    if kind == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            for name, data in content.items():
                archive.writestr(name, data)
        return path
    packing = {"tar": "", "tar.gz": "gz", "tgz": "gz", "tar.bz2": "bz2", "tar.xz": "xz"}[kind]
    with tarfile.open(path, f"w:{packing}") as archive:  # type: ignore[call-overload]
        for name, data in content.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return path


def encode(picture: Image.Image | np.ndarray, kind: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def tone(number: int, height: int = 8, width: int = 8) -> np.ndarray:
    """A flat picture that can be told from its neighbours by its grey value."""
    return np.full((height, width, 3), number, np.uint8)
