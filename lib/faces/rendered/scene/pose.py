"""Pose of head and shoulders in the camera's frame, and perspective projection."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lib.faces.rendered.scene.shot import Camera, Shot

_PIVOT = np.array([0.0, -55.0, -80.0])
"""Point that the head turns about, millimetres in the head's frame."""
_AIM = np.array([0, -12.0, -45.0])
"""Point of the head that the camera looks at."""


def rotation(yaw: float, pitch: float, roll: float) -> np.ndarray:
    """Rotation matrix (3, 3) of yaw, then pitch, then roll, in degrees."""
    y, p, r = np.radians([yaw, pitch, roll])
    about_y = np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(p), np.sin(p)], [0, -np.sin(p), np.cos(p)]])
    about_z = np.array([[np.cos(r), -np.sin(r), 0], [np.sin(r), np.cos(r), 0], [0, 0, 1]])
    return about_z @ about_x @ about_y


@dataclass(frozen=True)
class Pose:
    """Rotations (3, 3) of head and shoulders into the camera's frame."""

    turn: np.ndarray
    torso_turn: np.ndarray

    @classmethod
    def of(cls, shot: Shot) -> Pose:
        """Pose of a shot; the shoulders follow the head in part."""
        return cls(rotation(shot.yaw, shot.pitch, shot.roll), rotation(shot.yaw * 0.25, shot.pitch * 0.1, 0))

    def head(self, points: np.ndarray) -> np.ndarray:
        """Transform points (..., 3) of the head into the camera's frame."""
        return (points - _PIVOT) @ self.turn.T + (_PIVOT - _AIM)

    def torso(self, points: np.ndarray) -> np.ndarray:
        """Transform points (..., 3) of the shoulders into the camera's frame."""
        return (points - _PIVOT) @ self.torso_turn.T + (_PIVOT - _AIM)

    def neck(self, points: np.ndarray, share: np.ndarray) -> np.ndarray:
        """Transform points (..., 3) between head (share 0) and shoulders (share 1)."""
        of_head, of_torso = (points - _PIVOT) @ self.turn.T, (points - _PIVOT) @ self.torso_turn.T
        return of_head * (1 - share) + of_torso * share + (_PIVOT - _AIM)

    @property
    def back(self) -> np.ndarray:
        """Offset (3,) to add after rotating a point back into the head's frame."""
        return -self.turn.T @ (_PIVOT - _AIM) + _PIVOT


@dataclass(frozen=True)
class Lens:
    """Perspective projection of an image.

    Attributes
    ----------
    distance : from the camera to the origin of its frame, millimetres.
    focal : focal length in pixels.
    centre : pixels of the origin, x and y.
    """

    distance: float
    focal: float
    centre: tuple[float, float]

    @classmethod
    def of(cls, camera: Camera, pixels: int) -> Lens:
        """Projection of a square image of `pixels` pixels."""
        scale = pixels / camera.frame
        centre = pixels / 2 + camera.shift[0] * scale, pixels / 2 + camera.shift[1] * scale
        return cls(camera.distance, scale * camera.distance * camera.zoom, centre)

    @property
    def pixels_per_mm(self) -> float:
        """Scale in pixels per millimetre at the head's distance."""
        return self.focal / self.distance

    def project(self, points: np.ndarray) -> np.ndarray:
        """Project points (..., 3) of the camera's frame to pixels x, y and depth, (..., 3)."""
        depth = self.distance - points[..., 2]
        x = self.centre[0] + self.focal * points[..., 0] / depth
        return np.stack([x, self.centre[1] - self.focal * points[..., 1] / depth, depth], -1)
