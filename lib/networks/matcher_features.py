"""Matchers as a generator is trained against them: behind an enlargement, and their inner maps."""

from __future__ import annotations

import keras

_MAPS = 3  # inner maps of a matcher that are compared: the later ones know no place


def enlargement_layer(matcher: keras.Model, size: int) -> keras.Model:
    """The matcher behind a bilinear enlargement, for pictures smaller than those that it knows.

    Parameters
    ----------
    matcher : from (B, H, W, 1) to embeddings.
    size : height and width of the generator's pictures.
    """
    height, width = matcher.input_shape[1:3]
    picture = keras.Input((size, size, 1), name="picture")
    large = keras.layers.Resizing(height, width, interpolation="bilinear", dtype="float32")(picture)
    return keras.Model(picture, matcher(large), name=f"enlarging_{matcher.name}")


def feature_maps(matcher: keras.Model, size: int) -> keras.Model | None:
    """The first inner maps of a residual matcher, for the term `features`; None where it has none.

    Parameters
    ----------
    matcher : of `networks.matcher`.
    size : height and width of the generator's pictures, enlarged to the matcher's where they are smaller.

    Returns
    -------
    Model from (B, size, size, 1) in [0, 1] to a list of maps, the stem's and those of the first stages.
    """
    names = [one.name for one in matcher.layers if one.name.endswith("_active")]
    outer = [name for name in names if not name.endswith("_a_active")][:_MAPS]
    if not outer:
        return None
    maps = keras.Model(matcher.input, [matcher.get_layer(name).output for name in outer], name="feature_maps")
    if matcher.input_shape[1] == size:
        return maps
    height, width = matcher.input_shape[1:3]
    picture = keras.Input((size, size, 1), name="picture")
    large = keras.layers.Resizing(height, width, interpolation="bilinear", dtype="float32")(picture)
    return keras.Model(picture, maps(large), name="enlarging_feature_maps")
