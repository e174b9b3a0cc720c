"""Image buffers while rendering (colour, depth, part numbers), and the list of parts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lib.faces.rendered.scene.pose import Lens
from lib.faces.rendered.scene.raster import draw_lines

PARTS = {
    0: "backdrop", 1: "skin", 2: "ear", 3: "neck and clothes", 4: "hat", 5: "hat", 6: "object", 7: "hand",
    9: "mouth", 10: "eye", 12: "hair", 13: "beard", 14: "jewellery", 15: "spectacles",
}  # fmt: skip
"""Numbers in the map of parts; 9 is the inside of the mouth."""
EAR_AND_SKIN = (1, 2, 10)
HAIR, BEARD, JEWELLERY, SPECTACLES = 12, 13, 14, 15


@dataclass
class Picture:
    """Buffers of a square image of n pixels.

    Attributes
    ----------
    image : (n, n, 3) float64 linear light.
    depth : (n, n) millimetres from the camera.
    parts : (n, n) uint8, numbers of PARTS.
    lens : its perspective.
    """

    image: np.ndarray
    depth: np.ndarray
    parts: np.ndarray
    lens: Lens

    def draw_wire(
        self,
        points: np.ndarray,
        radius: float,
        colour: np.ndarray,
        part: int,
        bias: float,
        alpha: float = 1.0,
    ) -> None:
        """Draw one polyline (frame of spectacles, jewellery).

        Parameters
        ----------
        points : (K, 3) in the camera's frame.
        radius : in pixels.
        colour : (K, 3) linear.
        part : number of PARTS.
        bias : millimetres that the wire is moved towards the camera.
        """
        width = np.full((1, len(points)), radius)
        draw_lines(
            self.lens.project(points)[None],
            width,
            np.ascontiguousarray(colour[None]),
            self.depth,
            self.image,
            self.parts,
            part,
            np.full(1, alpha),
            0.1,
            bias,
        )
