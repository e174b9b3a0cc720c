"""Player: a sequence of pictures that plays and pauses on a page, without a kernel, and by keyboard."""

from __future__ import annotations

import html
from collections.abc import Sequence

from matplotlib.figure import Figure

from lib.figures.slider import Jpeg, Slider

_PLAY = (
    "const f=this.closest('figure'),s=f.querySelector('input'),b=this;"
    "if(b.timer){clearInterval(b.timer);b.timer=0}"
    "else b.timer=setInterval(()=>{if(!b.isConnected){clearInterval(b.timer);return}"
    "s.value=(+s.value+1)%(+s.max+1);s.dispatchEvent(new Event('input'))},MILLISECONDS);"
    "b.textContent=b.timer?'Pause':'Play'"
)
"""What happens when the button is pressed. It stands in the element itself and keeps its timer there."""


class Player(Slider):
    """Slider whose pictures also play, over and over, once a button is pressed; pressed again they pause.

    It begins paused, at the first frame, for readers whom movement disturbs.

    Parameters
    ----------
    frames, labels, title, alt : as for `Slider`, and twice as many frames.
    milliseconds : of each frame.
    """

    most = 24

    def __init__(
        self,
        frames: Sequence[Jpeg | Figure | bytes],
        labels: Sequence[str],
        *,
        title: str,
        alt: str,
        milliseconds: int = 120,
    ) -> None:
        super().__init__(frames, labels, title=title, alt=alt, start=0)
        self.milliseconds = int(milliseconds)

    def _repr_html_(self) -> str:
        press = html.escape(_PLAY.replace("MILLISECONDS", str(self.milliseconds)))
        button = f'<button type="button" onclick="{press}">Play</button>'
        return super()._repr_html_().replace("<label>", f"{button}<label>", 1)
