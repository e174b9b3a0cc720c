"""Recognisers that the faces of a generator must convince while it is trained."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import keras
import numpy as np

from lib.faces.grey import unit_grey
from lib.faces.loading.align import Template
from lib.networks.matcher_features import enlargement_layer, feature_maps
from lib.training.inference import BATCH, predict_images
from lib.training.objectives.generator_losses import Matcher


@dataclass(frozen=True)
class GuidanceRecogniser:
    """A recogniser that the generator's faces must convince.

    Attributes
    ----------
    seen : with gradients, from grey pictures of the generator's side in [0, 1] to embeddings.
    embed : of photographs, uint8 (N, H, W, 1) of the faces' size, to embeddings (N, D).
    features : its first inner maps, with gradients, or None where it does not give them.
    """

    seen: Matcher
    embed: Callable[[np.ndarray], np.ndarray]
    features: keras.Model | None = None


def guidance_from_matcher(matcher: keras.Model, side: int) -> GuidanceRecogniser:
    """A matcher of ours, which may know larger pictures than the generator's `side`."""
    seen = matcher if matcher.input_shape[1] == side else enlargement_layer(matcher, side)
    return GuidanceRecogniser(seen, lambda grey: predict_images(matcher, grey), feature_maps(matcher, side))


def guidance_from_template(
    at: Callable[[Template], Matcher], template: Template, side: int
) -> GuidanceRecogniser:
    """A recogniser with a crop of its own, as `judges.differentiable.differentiable_matcher` makes one.

    Parameters
    ----------
    at : from where the points lie in pictures to the recogniser of such pictures.
    template : of the photographs. side : of the generator's pictures.
    """
    whole = at(template)

    def embed(grey: np.ndarray) -> np.ndarray:
        parts = np.array_split(grey, max(1, len(grey) // BATCH))
        return np.concatenate([keras.ops.convert_to_numpy(whole(unit_grey(part))) for part in parts])

    return GuidanceRecogniser(at(Template(template.at((side, side)), (side, side))), embed)
