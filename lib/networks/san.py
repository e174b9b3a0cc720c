"""SanAutoencoder: fast form of the semi-adversarial autoencoder with equal outputs, gradients and weights.

Three identities, each exact up to rounding:

1. Nearest upsampling and a 3 x 3 convolution are one 2 x 2 convolution of the small map, padded by one on
   each side, with four times the channels: one block for each place in the 2 x 2 cell of the large map. An
   even row sees the kernel's rows (k0, k1 + k2), an odd one (k0 + k1, k2), columns likewise. The trained
   variable stays the 3 x 3 kernel, so gradients and weights are those of the plain network.
2. What works point by point commutes with nearest upsampling: LeakyReLU and the trunk's part of the combiner
   act on those blocks, and 1 map (16 for the hidden combiner) is interleaved and enlarged instead of 128.
3. A convolution of concatenated inputs is a sum: the prototypes' part of the first layer and of the combiner
   is computed once for all images. Two more outputs cost an addition and a sigmoid each.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import keras
from keras import layers, ops

from lib.networks.san_reference import ENCODER, HIDDEN, SLOPES, Combiner, check_combiner, check_size

Output = Literal["sm", "nt", "op"]

PROTOTYPES = ("female", "male", "neutral")
"""Order of the prototypes (3, H, W, 3). The label, female 0 and male 1, is the place of its own prototype."""
OUTPUTS: tuple[Output, ...] = ("sm", "nt", "op")

# Rows of a 3 x 3 kernel (last axis) that fall together, by phase (even, odd) and by row of the 2 x 2 kernel.
_FOLD = (((1.0, 0.0, 0.0), (0.0, 1.0, 1.0)), ((1.0, 1.0, 0.0), (0.0, 0.0, 1.0)))


@keras.saving.register_keras_serializable("networks")
class SanAutoencoder(keras.Model):
    """`san_reference.autoencoder` for all three outputs at once; weights of equal names, order and shapes.

    Variables and the prototypes' maps are float32; the large products are in the compute dtype of the global
    dtype policy at construction.

    Call
    ----
    inputs : {`image` (B, H, W, 1) in [0, 1], `label` (B,) or (B, 1), male 1, female 0; values between mix the
        prototypes, .5 is their plain mean}. Without fixed prototypes also `prototypes` (B, 3, H, W, 3): those
        of each face, warped to it.
    returns : {`sm`, `nt`, `op`: (B, H, W, 1) float32 in [0, 1]}, those asked for at construction.
    """

    def __init__(
        self,
        prototypes: Any = None,
        size: int | tuple[int, int] = 224,
        *,
        decoder: tuple[int, int] = (256, 128),
        slope: float = SLOPES["report"],
        combiner: Combiner = "pointwise",
        outputs: Sequence[Output] = OUTPUTS,
        name: str = "fast_autoencoder",
        **options: Any,
    ) -> None:
        """Make the layers and their variables.

        Parameters
        ----------
        prototypes : (3, H, W, 3) floats in [0, 1] in the order of `PROTOTYPES`, constants; None takes them
            from the inputs.
        size, decoder, slope, combiner : as for `san_reference.autoencoder`.
        outputs : which of `sm`, `nt`, `op` a call returns.

        Raises
        ------
        ValueError : a size that is not divisible by 4, prototypes of another size, or an unknown name.
        """
        # Without autocast, so that kernels are folded and prototypes are added in float32.
        super().__init__(name=name, dtype="float32", **{k: v for k, v in options.items() if k == "trainable"})
        check_combiner(combiner)
        self.size, self.fixed = check_size(size), prototypes
        self.settings = {"decoder": tuple(decoder), "slope": slope, "combiner": combiner}
        self.wanted = _check_outputs(outputs)
        self.products = keras.config.dtype_policy().compute_dtype
        if prototypes is not None and tuple(prototypes.shape) != (3, *self.size, 3):
            raise ValueError(f"prototypes must be (3, {self.size[0]}, {self.size[1]}, 3): {prototypes.shape}")
        self._make_layers(*decoder)

    def _make_layers(self, first: int, second: int) -> None:
        """Make layers that hold the variables, in the reference network's order; they are not called."""
        hidden = self.settings["combiner"] == "hidden"
        plan = [
            ("encoder1", 3, 4, ENCODER[0]),
            ("encoder2", 3, *ENCODER),
            ("decoder1", 3, ENCODER[1], first),
            ("decoder2", 3, first, second),
            *([("combiner_hidden", 1, second + 3, HIDDEN)] if hidden else []),
            ("combiner", 1, HIDDEN if hidden else second + 3, 1),
        ]
        for name, kernel, channels, filters in plan:
            layer = layers.Conv2D(filters, kernel, padding="same", name=name)
            layer.build((None, None, None, channels))
            setattr(self, name, layer)
        self.joint = self.combiner_hidden if hidden else self.combiner
        self.built = True

    def build(self, input_shape: Any = None) -> None:
        """Do nothing: all variables exist from the start."""

    def call(self, inputs: dict[str, Any]) -> dict[str, Any]:
        """The altered images by output name, see the class."""
        logits = self.logits(inputs)
        return {name: ops.sigmoid(logits[name]) for name in self.wanted}

    def logits(self, inputs: dict[str, Any]) -> dict[str, Any]:
        """Outputs before the sigmoid, by name, (B, H, W, 1) float32."""
        given = self.fixed if self.fixed is not None else inputs["prototypes"]
        prototypes = ops.reshape(ops.cast(given, "float32"), (-1, 3, *self.size, 3))
        label = ops.reshape(ops.cast(inputs["label"], "float32"), (-1, 1))
        own = ops.concatenate([1 - label, label], axis=1)
        trunk = self._trunk(self._encoder1(inputs["image"], own, prototypes))
        tables = ops.matmul(prototypes, self._prototype_kernel())
        neutral = tables[:, 2]
        shown = {
            "sm": lambda: _mixed(own, tables),
            "nt": lambda: neutral,
            "op": lambda: _mixed(1 - own, tables),
        }
        return {name: self._combined(trunk, shown[name]()) for name in self.wanted}

    def _convolved(self, x: Any, kernel: Any, padding: str = "same") -> Any:
        return ops.conv(x, ops.cast(kernel, self.products), strides=1, padding=padding)

    def _active(self, x: Any, bias: Any) -> Any:
        return ops.leaky_relu(x + ops.cast(bias, self.products), self.settings["slope"])

    def _encoder1(self, image: Any, own: Any, prototypes: Any) -> Any:
        """First layer before its bias: the image's part plus the prototypes' part (identity 3)."""
        kernel, (height, width) = ops.convert_to_tensor(self.encoder1.kernel), self.size
        pair = ops.reshape(ops.cast(prototypes[:, :2], self.products), (-1, height, width, 3))
        table = self._convolved(pair, kernel[:, :, 1:])
        table = ops.reshape(table, (-1, 2, height, width, ENCODER[0]))
        image_part = self._convolved(ops.cast(image, self.products), kernel[:, :, :1])
        return image_part + _mixed(ops.cast(own, self.products), table)

    def _trunk(self, x: Any) -> Any:
        """The trunk's part of the combiner's (first) layer with its bias, (B, H, W, 1 or 16) float32."""
        x = ops.average_pool(self._active(x, self.encoder1.bias), 2, 2)
        x = self._convolved(x, self.encoder2.kernel)
        x = ops.average_pool(self._active(x, self.encoder2.bias), 2, 2)
        x = self._active(self._convolved(x, self.decoder1.kernel), self.decoder1.bias)
        x = ops.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
        x = self._convolved(x, fold_upsampling(self.decoder2.kernel), "valid")
        x = self._active(x, ops.tile(self.decoder2.bias, 4))
        x = ops.cast(interleave_phases(self._pointwise(x)), "float32") + self.joint.bias
        return _joined([x] * 4)

    def _pointwise(self, x: Any) -> Any:
        """The combiner's trunk part on four blocks at once (identity 2), by a block diagonal kernel."""
        kernel = self.joint.kernel[0, 0, :-3]
        block = ops.reshape(ops.einsum("pq,cd->pcqd", ops.eye(4), kernel), (x.shape[-1], 4 * kernel.shape[1]))
        return ops.matmul(x, ops.cast(block, self.products))

    def _prototype_kernel(self) -> Any:
        return self.joint.kernel[0, 0, -3:]

    def _combined(self, trunk: Any, table: Any) -> Any:
        """Logit (B, H, W, 1) from the parts of the trunk and of the prototype."""
        x = trunk + table
        if self.settings["combiner"] == "pointwise":
            return x
        x = ops.leaky_relu(ops.cast(x, self.products), self.settings["slope"])
        x = ops.matmul(x, ops.cast(self.combiner.kernel[0, 0], self.products))
        return ops.cast(x, "float32") + self.combiner.bias

    def get_config(self) -> dict[str, Any]:
        """Configuration, with the prototypes as nested lists."""
        fixed = None if self.fixed is None else ops.convert_to_numpy(self.fixed).tolist()
        own = {"size": self.size, "outputs": self.wanted, "prototypes": fixed, "name": self.name}
        return {**own, **self.settings, "trainable": self.trainable}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> SanAutoencoder:
        """Network with the configuration of `get_config` and new weights."""
        fixed = config.pop("prototypes")
        return cls(None if fixed is None else ops.convert_to_numpy(ops.array(fixed, "float32")), **config)


def fold_upsampling(kernel: Any) -> Any:
    """2 x 2 kernel on the small map that equals nearest upsampling by 2, then `kernel` (identity 1).

    Parameters
    ----------
    kernel : (3, 3, C, D).

    Returns
    -------
    (2, 2, C, 4 D), for the small map padded by one on each side, `valid`; blocks of D in the order of the
    places (even, even), (even, odd), (odd, even), (odd, odd) in the cell, row first.
    """
    fold = ops.cast(ops.array(_FOLD), kernel.dtype)
    folded = ops.einsum("pai,qbj,ijcd->abcpqd", fold, fold, ops.convert_to_tensor(kernel))
    return ops.reshape(folded, (2, 2, folded.shape[2], 4 * folded.shape[5]))


def interleave_phases(blocks: Any) -> Any:
    """Blocks (B, h + 1, w + 1, 4 D) of a folded kernel as one map (B, 2 h, 2 w, D).

    Block (p, q) starts at (p, q).
    """
    h, w, d = blocks.shape[1] - 1, blocks.shape[2] - 1, blocks.shape[3] // 4
    return _joined(
        [
            blocks[:, p : p + h, q : q + w, (2 * p + q) * d : (2 * p + q + 1) * d]
            for p in (0, 1)
            for q in (0, 1)
        ]
    )


def _joined(maps: Sequence[Any]) -> Any:
    """Four maps (B, h, w, D) interleaved as the places of 2 x 2 cells, (B, 2 h, 2 w, D)."""
    _, h, w, d = maps[0].shape
    rows = [ops.reshape(ops.concatenate(maps[i : i + 2], axis=-1), (-1, h, 2 * w * d)) for i in (0, 2)]
    return ops.reshape(ops.concatenate(rows, axis=-1), (-1, 2 * h, 2 * w, d))


def fixed_map(model: keras.Model, prototypes: Any, label: int) -> Any:
    """Map w . (P_OP - P_SM) that a pointwise combiner adds to the logit of SM to get OP.

    It is the same for all images of a label; the map of the other label is its negative.

    Parameters
    ----------
    model : of `san_reference.autoencoder` or a SanAutoencoder, with the pointwise combiner.
    prototypes : (3, H, W, 3) in the order of `PROTOTYPES`.
    label : 1 male, 0 female.

    Returns
    -------
    NumPy array (H, W) float32, in units of the logit.

    Raises
    ------
    ValueError : the combiner has a hidden layer (no map holds for all images), or no such label.
    """
    if any(layer.name == "combiner_hidden" for layer in model.layers):
        raise ValueError("a combiner with a hidden layer has no fixed map: it depends on the image")
    if label not in (0, 1):
        raise ValueError(f"label must be 0 (female) or 1 (male), not {label!r}")
    weights = ops.convert_to_tensor(model.get_layer("combiner").kernel)[0, 0, -3:, 0]
    given = ops.cast(prototypes, "float32")
    difference = given[1 - int(label)] - given[int(label)]
    return ops.convert_to_numpy(ops.matmul(difference, ops.cast(weights, "float32")))


def boost_prototype_weights(model: Any, weight: float) -> None:
    """Add `weight` to the three prototype weights of a pointwise combiner, in place.

    All that tells OP from SM goes through these three numbers. After pre-training, which has no use for them,
    they are small, and an optimizer that moves each number by its learning rate needs hundreds of steps to
    make them matter; meanwhile the trunk destroys the picture.

    Raises
    ------
    ValueError : the combiner has a hidden layer.
    """
    if any(layer.name == "combiner_hidden" for layer in model.layers):
        raise ValueError("a combiner with a hidden layer has no weights of its own for the prototype")
    kernel = model.get_layer("combiner").kernel
    raised = ops.convert_to_numpy(kernel).copy()
    raised[0, 0, -3:, 0] += weight
    kernel.assign(raised)


def _mixed(own: Any, tables: Any) -> Any:
    """Sum over the two labels of `own` (B, 2) times their tables, (1 or B, >= 2, H, W, C) -> (B, H, W, C)."""
    if tables.shape[0] == 1:
        return ops.einsum("nk,khwc->nhwc", own, tables[0, :2])
    return ops.einsum("nk,nkhwc->nhwc", own, tables[:, :2])


def _check_outputs(outputs: Sequence[Output]) -> tuple[Output, ...]:
    if not outputs or not set(outputs) <= set(OUTPUTS):
        raise ValueError(f"outputs must be some of {', '.join(OUTPUTS)}, not {tuple(outputs)}")
    return tuple(outputs)
