"""Slider through a sequence of pictures: HTML that works offline, without a kernel, and by keyboard."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from matplotlib.figure import Figure

from lib.figures.gallery import NOT_PUBLISHABLE, Picture, gallery, notice

MOST = 12
"""Frames of one slider: each is a whole picture, and a page may weigh 3 MB."""
_TYPES = {b"\xff\xd8": "image/jpeg", b"\x89P": "image/png"}
_SHOW = (
    "const f=this.closest('figure'),p=f.querySelectorAll('img');"
    "p.forEach((one,k)=>{one.hidden=k!=this.value});"
    "const t=p[this.value].dataset.label;f.querySelector('output').value=t;"
    "this.setAttribute('aria-valuetext',t)"
)
"""What happens when the slider moves. It stands in the element itself, so that sliders need no ids."""


class Jpeg(Protocol):
    """Picture that gives itself as JPEG, as `gallery.Picture` does."""

    def _repr_jpeg_(self) -> bytes:
        """Bytes of a JPEG file."""


class Slider:
    """Sequence of pictures of which one is shown, chosen with a slider; the middle one where no script runs.

    Parameters
    ----------
    frames : 2 to MOST pictures: `gallery.Picture`, matplotlib figures (drawn as PNG and closed), or the bytes
        of a JPEG or PNG file. Equal sizes keep the page from jumping.
    labels : what the number is at each frame, as `strength 0.5`; one for each.
    title : what is turned.
    alt : what the pictures show; the label of the frame is added to it.
    start : frame shown first; by default the middle one.

    Raises
    ------
    ValueError : too few or too many frames, another number of labels, or bytes of another format.
    """

    most = MOST

    def __init__(
        self,
        frames: Sequence[Jpeg | Figure | bytes],
        labels: Sequence[str],
        *,
        title: str,
        alt: str,
        start: int | None = None,
    ) -> None:
        if not 2 <= len(frames) <= self.most or len(labels) != len(frames):
            raise ValueError(
                f"a {type(self).__name__.lower()} has 2 to {self.most} frames and a label for each; "
                f"got {len(frames)} frames, {len(labels)} labels"
            )
        self.pictures = [_bytes(frame) for frame in frames]
        self.labels, self.title, self.alt = list(labels), title, alt
        self.start = (len(frames) - 1) // 2 if start is None else range(len(frames))[start]

    def _repr_html_(self) -> str:
        images = "".join(
            f'<img src="{_address(data)}" alt="{_text(self.alt)} ({_text(label)})" '
            f'data-label="{_text(label)}"{"" if k == self.start else " hidden"}>'
            for k, (data, label) in enumerate(zip(self.pictures, self.labels, strict=True))
        )
        first = _text(self.labels[self.start])
        return (
            f'<figure class="slider">{images}<label><span>{_text(self.title)}</span>'
            f'<input type="range" min="0" max="{len(self.pictures) - 1}" step="1" value="{self.start}" '
            f'autocomplete="off" aria-valuetext="{first}" oninput="{html.escape(_SHOW)}">'
            f"<output>{first}</output></label></figure>"
        )

    def __repr__(self) -> str:
        return f"{self.title}: {self.labels[0]} to {self.labels[-1]}"


def faces_slider(
    steps: Sequence[tuple[Sequence[np.ndarray], Sequence[str]]],
    labels: Sequence[str],
    *,
    title: str,
    alt: str,
    start: int | None = None,
    side: int = 144,
) -> Slider | Picture:
    """Slider through rows of faces with a text below each; a notice where there are none.

    Parameters
    ----------
    steps : for each frame, pictures uint8 of one size and their texts.
    labels, title, alt, start : as for `Slider`.
    side : pixels of a face at least.
    """
    if not steps:
        return notice(NOT_PUBLISHABLE)
    scale = max(1.0, side / len(steps[0][0][0]))
    frames = [gallery([list(tiles)], captions=[list(said)], scale=scale) for tiles, said in steps]
    return Slider(frames, labels, title=title, alt=alt, start=start)


def _text(words: str) -> str:
    return html.escape(words)


def _bytes(frame: Any) -> bytes:
    if isinstance(frame, Figure):
        import matplotlib.pyplot as plt

        buffer = io.BytesIO()
        frame.savefig(buffer, format="png", dpi=110, metadata={"Software": None})
        plt.close(frame)
        return buffer.getvalue()
    return frame if isinstance(frame, bytes) else frame._repr_jpeg_()


def _address(data: bytes) -> str:
    if data[:2] not in _TYPES:
        raise ValueError(f"a frame is a JPEG or PNG file, these bytes begin with {data[:4]!r}")
    return f"data:{_TYPES[data[:2]]};base64,{base64.b64encode(data).decode()}"
