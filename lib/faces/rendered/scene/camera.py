"""Camera simulation, from linear light to an 8-bit image: exposure, tone, blur, noise, JPEG."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from lib.faces.rendered.scene.shot import Camera


def photograph(
    light: np.ndarray, subject_mask: np.ndarray, camera: Camera, size: int, r: np.random.Generator
) -> np.ndarray:
    """Turn linear light into an image as a camera does.

    Parameters
    ----------
    light : (n, n, 3) linear light, n a multiple of `size`.
    subject_mask : (n, n), true where the subject is; the exposure looks at it alone.
    camera : settings of the shot.
    size : pixels of the picture.
    r : for the noise.

    Returns
    -------
    uint8 (size, size, 3) RGB.
    """
    small = _reduced(light.astype(np.float32), size)
    covered = _reduced(subject_mask.astype(np.float32), size) > 0.5
    small = small * _exposure(small, covered, camera) * (1 + camera.white_balance * np.array([1, 0, -1]))
    small = np.maximum(small, 0)
    small = small * (1 + small / 5.0) / (1 + small * 0.62)  # shoulder
    if camera.blur > 0.2:
        small = cv2.GaussianBlur(small.astype(np.float32), (0, 0), camera.blur * size / 160)
    small = _sharpened(small, camera.sharpening)
    out = (np.clip(_developed(small, camera, r), 0, 1) * 255 + 0.5).astype(np.uint8)
    return _compressed(out, camera.jpeg)


def _reduced(image: np.ndarray, size: int) -> np.ndarray:
    return image if len(image) == size else cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA)


def _sharpened(image: np.ndarray, strength: float) -> np.ndarray:
    """Image after an unsharp mask, as most cameras apply it."""
    if strength < 0.02:
        return image
    image = image.astype(np.float32)
    return image + strength * (image - cv2.GaussianBlur(image, (0, 0), 1.0))


def _exposure(image: np.ndarray, covered: np.ndarray, camera: Camera) -> float:
    if not covered.any():
        return 1.0
    luminance = (image * np.array([0.3, 0.6, 0.1])).sum(-1)
    return float(np.exp(camera.exposure) * 0.285 / (np.mean(luminance[covered]) ** 0.62 * 0.30**0.38 + 1e-4))


def _developed(image: np.ndarray, camera: Camera, r: np.random.Generator) -> np.ndarray:
    """Image after gamma, contrast, saturation and noise."""
    out = np.clip(image, 0, 1) ** (1 / 2.2)
    out = (out - 0.47) * camera.contrast + 0.49
    grey = out.mean(-1, keepdims=True)
    out = grey + (out - grey) * (0 if camera.grey else camera.saturation)
    grain = r.normal(size=out.shape).astype(np.float32)
    grain = grain * 0.35 + cv2.GaussianBlur(grain, (0, 0), 0.9) + 0.6 * grain.mean(-1, keepdims=True)
    return out + grain * camera.noise * (0.6 + 0.8 * (1 - grey))


def _compressed(image: np.ndarray, quality: int) -> np.ndarray:
    if quality >= 96:
        return image
    _, data = cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    decoded: Any = cv2.imdecode(data, cv2.IMREAD_COLOR)
    return np.ascontiguousarray(decoded[..., ::-1])
