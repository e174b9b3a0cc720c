"""Galleries of face images: rows are subjects, columns are treatments."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Protocol

import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from lib.figures.line_labels import shown

GAP = 4
MARGIN = 8
NOT_PUBLISHABLE = "Photographs of people do not enter a page; the gallery is drawn in the default profile."


class Picture:
    """Raster image that a notebook shows as JPEG, with bytes that depend on the pixels only."""

    def __init__(self, pixels: np.ndarray, quality: int = 88) -> None:
        self.pixels = pixels
        self.quality = quality

    def _repr_jpeg_(self) -> bytes:
        buffer = io.BytesIO()
        Image.fromarray(self.pixels).save(buffer, "JPEG", quality=self.quality, subsampling=0)
        return buffer.getvalue()

    def save(self, path: str | Path) -> None:
        """Write the picture to a file; the extension decides the format."""
        Image.fromarray(self.pixels).save(path)


@cache
def _font(points: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(Path(matplotlib.get_data_path()) / "fonts/ttf/DejaVuSans.ttf"), points)


def gallery(
    cells: Sequence[Sequence[np.ndarray]],
    *,
    columns: Sequence[str] = (),
    rows: Sequence[str] = (),
    scale: float = 1.0,
    font: int = 13,
    sharp: bool = False,
    captions: Sequence[Sequence[str]] = (),
) -> Picture:
    """Arrange images of one size in a grid with names of rows and columns.

    Parameters
    ----------
    cells : rows of uint8 images (H, W, 3) or grey (H, W), 0 to 255, all of one size.
    columns, rows : names above the columns and to the left of the rows; either may be empty.
    scale : enlargement of every image.
    font : height of the names in pixels.
    sharp : enlarge by repeating pixels, so that each can be seen; smooth otherwise.
    captions : text below each image, one or two lines, as `0.97 male\\nmatch 0.62`; empty: none.

    Raises
    ------
    ValueError : the rows differ in length, or there is not one caption for each image.
    """
    if len({len(row) for row in cells}) != 1:
        raise ValueError(f"rows of a gallery must be equally long, got {[len(row) for row in cells]}")
    if captions and [len(row) for row in captions] != [len(row) for row in cells]:
        raise ValueError("a gallery needs a caption for each of its images, or none at all")
    tiles = [[_tile(image, scale, sharp) for image in row] for row in cells]
    height, width = tiles[0][0].shape[:2]
    left = MARGIN + max((int(_font(font).getlength(name)) + MARGIN for name in rows), default=0)
    top = MARGIN + (font + MARGIN if columns else 0)
    small = max(8, min(font - 1, width // 8))  # points, so that a dozen letters fit below an image
    lines = max((text.count("\n") + 1 for row in captions for text in row if text), default=0)
    step = height + GAP + (lines * (small + GAP) + GAP if lines else 0)
    shape = (top + len(tiles) * step + GAP, left + len(tiles[0]) * (width + GAP) + GAP, 3)
    page = np.full(shape, 255, np.uint8)
    below = []
    for i, row in enumerate(tiles):
        for j, tile in enumerate(row):
            y, x = top + i * step, left + j * (width + GAP)
            page[y : y + height, x : x + width] = tile
            if captions:
                below.append((captions[i][j], x + width // 2, y + height + GAP))
    centres_x = [left + j * (width + GAP) + width // 2 for j in range(len(columns))]
    centres_y = [top + i * step + height // 2 for i in range(len(rows))]
    page = _write(page, columns, centres_x, rows, centres_y, left, font)
    return Picture(_write_below(page, below, small))


def notice(text: str, *, width: int = 640, font: int = 14) -> Picture:
    """Picture of a sentence that says why an image is not shown.

    Parameters
    ----------
    text : what is not shown, and why; long lines are broken.
    width : of the picture in pixels.
    font : height of the letters in pixels.
    """
    lines = textwrap.wrap(text, max(8, int((width - 2 * MARGIN) / (0.6 * font)))) or [""]
    step = round(1.5 * font)
    picture = Image.new("RGB", (width, 2 * MARGIN + step * len(lines)), "#f4f4f4")
    draw = ImageDraw.Draw(picture)
    for number, line in enumerate(lines):
        draw.text((MARGIN, MARGIN + step * number), line, fill="#333333", font=_font(font))
    return Picture(np.asarray(picture))


def gallery_of(
    rows: Mapping[str, Mapping[str, np.ndarray]],
    columns: Sequence[str],
    *,
    otherwise: str,
    scale: float = 1.0,
    captions: Mapping[str, Mapping[str, str]] | None = None,
) -> Picture:
    """Gallery of incomplete images: a missing one stays white, an empty column is left out.

    Parameters
    ----------
    rows : name of the row -> name of the column -> uint8 (H, W, 3), all of one size.
    columns : in this order.
    otherwise : what to say where there is no picture at all.
    scale : enlargement of every image.
    captions : name of the row -> name of the column -> text below the image; a missing one is empty.
    """
    there = [name for name in columns if any(name in row for row in rows.values())]
    if not there:
        return notice(otherwise)
    shape = next(image.shape for row in rows.values() for image in row.values())
    white = np.full(shape, 255, np.uint8)
    cells = [[row.get(name, white) for name in there] for row in rows.values()]
    texts = [[captions.get(key, {}).get(name, "") for name in there] for key in rows] if captions else []
    named = list(rows) if any(rows) else []
    return gallery(cells, rows=named, columns=there, scale=scale, captions=texts)


class Scores(Protocol):
    """The same faces under treatments, and a text for each."""

    @property
    def pictures(self) -> Mapping[str, np.ndarray]:
        """Treatment -> uint8 (N, H, W) or (N, H, W, 3)."""
        ...

    @property
    def names(self) -> Sequence[str]:
        """Of the N faces; may be empty."""
        ...

    def caption(self, name: str, at: int) -> str:
        """Text below face `at` under a treatment."""
        ...


def scored_gallery(
    scored: Scores | None,
    columns: Mapping[str, str] | Sequence[str] | None = None,
    *,
    across: bool = False,
    every: int = 1,
    amplify: float = 0.0,
    side: int = 128,
    font: int = 13,
    otherwise: str = NOT_PUBLISHABLE,
) -> Picture:
    """Gallery of faces as rows and treatments as columns, with their scores below.

    Parameters
    ----------
    scored : None: a notice says `otherwise`.
    columns : treatments, by default all; those that are there are shown. A mapping names them, and as
        `difference` the column of `amplify`; else `line_labels.shown` does.
    across : faces are the columns, treatments the rows. every : 2 shows every second face.
    amplify : if not 0, a last column shows the last treatment minus the first, this many times amplified.
    side : pixels of a tile at least. font : height of the names in pixels.
    """
    if scored is None:
        return notice(otherwise)
    columns = list(scored.pictures) if columns is None else columns
    names = [name for name in columns if name in scored.pictures]
    titles = [columns[name] if isinstance(columns, Mapping) else shown(name) for name in names]
    count, height = scored.pictures[names[0]].shape[:2]
    cells = [[scored.pictures[name][at] for name in names] for at in range(0, count, every)]
    texts = [[scored.caption(name, at) for name in names] for at in range(0, count, every)]
    if amplify:
        cells = [[*row, amplified(row[0], row[-1], amplify)] for row in cells]
        texts = [[*row, ""] for row in texts]
        difference = f"{titles[-1]} - {titles[0]}, ×{amplify:g}"
        named = columns if isinstance(columns, Mapping) else {}
        titles = [*titles, named.get("difference", difference)]
    faces = list(scored.names)[::every]
    if across:
        cells, texts = ([list(line) for line in zip(*grid, strict=True)] for grid in (cells, texts))
    above, left = (faces, titles) if across else (titles, faces)
    scale = max(1.0, side / height)
    return gallery(cells, columns=above, rows=left, captions=texts, scale=scale, font=font)


def portrait_gallery(
    scored: Scores | None, lines: Sequence[Sequence[str]], *, otherwise: str, side: int = 300
) -> Picture:
    """The first face, large, under treatments in several lines; names and scores stand below each picture.

    Parameters
    ----------
    scored : None: a notice says `otherwise`.
    lines : treatments of each line, equally many; one that is not there is left white.
    side : pixels of a picture.
    """
    if scored is None:
        return notice(otherwise)
    white = np.full_like(next(iter(scored.pictures.values()))[0], 255)
    there = scored.pictures
    cells = [[there[name][0] if name in there else white for name in line] for line in lines]
    texts = [
        [f"{shown(name)}: {scored.caption(name, 0)}" if name in there else "" for name in line]
        for line in lines
    ]
    return gallery(cells, captions=texts, scale=side / len(white), font=19)


def signed_maps(maps: Mapping[str, np.ndarray], side: int = 224) -> Picture:
    """Gallery of maps (H, W) whose sign matters: mid grey is 0, one scale for all.

    Parameters
    ----------
    maps : name -> floats of any unit.
    side : pixels of a picture at least.
    """
    reach = max(float(np.abs(one).max()) for one in maps.values()) or 1.0
    cells = [np.rint(127.5 + 127.5 * one / reach).astype(np.uint8) for one in maps.values()]
    return gallery([cells], columns=list(maps), scale=max(1.0, side / len(cells[0])))


def _tile(image: np.ndarray, scale: float, sharp: bool) -> np.ndarray:
    rgb = np.repeat(image[..., None], 3, -1) if image.ndim == 2 else image
    if scale == 1:
        return rgb
    size = (round(rgb.shape[1] * scale), round(rgb.shape[0] * scale))
    kernel = Image.Resampling.NEAREST if sharp else Image.Resampling.BICUBIC
    return np.asarray(Image.fromarray(rgb).resize(size, kernel))


def _write(
    page: np.ndarray,
    columns: Sequence[str],
    xs: Sequence[int],
    rows: Sequence[str],
    ys: Sequence[int],
    left: int,
    font: int,
) -> np.ndarray:
    picture = Image.fromarray(page)
    draw = ImageDraw.Draw(picture)
    for name, x in zip(columns, xs, strict=True):
        draw.text((x, MARGIN), name, fill="#333333", font=_font(font), anchor="mt")
    for name, y in zip(rows, ys, strict=True):
        draw.text((left - MARGIN, y), name, fill="#333333", font=_font(font), anchor="rm")
    return np.asarray(picture)


def _write_below(page: np.ndarray, texts: Sequence[tuple[str, int, int]], font: int) -> np.ndarray:
    """Page with the texts (words, x of the centre, y of the top) written in small letters."""
    picture = Image.fromarray(page)
    draw = ImageDraw.Draw(picture)
    for text, x, y in texts:
        for number, line in enumerate(text.split("\n") if text else ()):
            draw.text((x, y + number * (font + GAP)), line, fill="#333333", font=_font(font), anchor="ma")
    return np.asarray(picture)


def amplified(before: np.ndarray, after: np.ndarray, factor: float = 8.0) -> np.ndarray:
    """Difference of two images times `factor` around mid grey: uint8, 128 means equal.

    Say the factor in the caption: an amplified difference looks larger than it is.
    Both images have values 0 to 255 and one shape.
    """
    difference = after.astype(np.float32) - before.astype(np.float32)
    return np.clip(np.rint(128 + factor * difference), 0, 255).astype(np.uint8)
