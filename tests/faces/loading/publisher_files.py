"""Tiny files as publishers lay them out, in any kind of archive."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
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


PUBLISHERS = ("att", "celeba", "fairface", "fer2013", "folder", "jaffe", "lfw", "utkface")
"""Those of whom `tiny_set` makes files."""


def _noise(number: int, height: int = 24, width: int = 24, kind: str = "PNG") -> bytes:
    picture = np.random.default_rng(number).integers(0, 256, (height, width, 3), np.uint8)
    return encode(picture[..., 0] if kind == "PPM" else picture, kind)


def tiny_set(name: str, count: int) -> dict[str, bytes | str]:
    """Files of a publisher's set with `count` pictures, in the publisher's layout, of two labels in turn.

    AT&T has ten pictures a subject and JAFFE seven; in the others each picture is another person.
    """
    number = range(1, count + 1)
    if name == "att":
        return {f"s{1 + i // 10}/{1 + i % 10}.pgm": _noise(i, 112, 92, "PPM") for i in range(count)}
    if name == "jaffe":
        words = ("AN", "DI", "FE", "HA", "SA", "SU", "NE")
        return {
            f"{chr(65 + i // 7)}A.{words[i % 7]}1.{i + 1}.tiff": _noise(i, kind="TIFF") for i in range(count)
        }
    if name == "utkface":
        return {f"UTKFace/{20 + i % 40}_{i % 2}_0_{i:017d}.jpg.chip.jpg": _noise(i) for i in number}
    if name == "folder":
        return {f"person{i}/1.png": _noise(i) for i in number}
    if name == "lfw":
        files = {f"lfw/Person_{i}/Person_{i}_0001.jpg": _noise(i) for i in number}
        lists = {"male": number[::2], "female": number[1::2]}
        return files | {
            f"{k}_names.txt": "".join(f"Person_{i}_0001.jpg\n" for i in v) for k, v in lists.items()
        }
    if name == "fairface":
        rows = [f"val/{i}.jpg,20-29,{'Male' if i % 2 else 'Female'},White,True\n" for i in number]
        lists = {"fairface_label_val.csv": "file,age,gender,race,service_test\n" + "".join(rows)}
        return lists | {f"val/{i}.jpg": _noise(i) for i in number}
    if name == "fer2013":
        usage = ("Training", "Training", "PublicTest", "PrivateTest")
        rows = [f"{i % 7},{' '.join([str(i % 256)] * 2304)},{usage[i % 4]}\n" for i in number]
        return {"fer2013.csv": "emotion,pixels,Usage\n" + "".join(rows)}
    from lib.faces.faceset import ATTRIBUTES

    flags = ["".join(f" {1 if (i + k) % 2 else -1}" for k in range(len(ATTRIBUTES))) for i in number]
    lists = {"list_attr_celeba.txt": f"{count}\n{' '.join(ATTRIBUTES)}\n"}
    lists["list_attr_celeba.txt"] += "".join(
        f"{i:06d}.jpg{flag}\n" for i, flag in zip(number, flags, strict=True)
    )
    return lists | {f"img_align_celeba/{i:06d}.jpg": _noise(i, 109, 89, "JPEG") for i in number}


def rendered_shard(images: np.ndarray, labels: pd.DataFrame) -> dict[str, bytes | str]:
    """Files of one shard of rendered faces."""
    pictures = {
        f"{image}.webp": encode(picture, "WEBP")
        for image, picture in zip(labels["image"], images, strict=True)
    }
    return {"labels.csv": labels.to_csv(index=False), **pictures}


def tone(number: int, height: int = 8, width: int = 8) -> np.ndarray:
    """A flat picture that can be told from its neighbours by its grey value."""
    return np.full((height, width, 3), number, np.uint8)
