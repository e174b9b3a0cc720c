"""Judge VggFace: VGG16-face with its published weights, read without unpickling.

Read are `vgg_face.mat` (MatConvNet) and HDF5 files of Keras. Their kernels are (height, width, in, out), as
here; the first one's channels are red, green, blue in the former and blue, green, red in the ports of Caffe.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import h5py
import keras
import numpy as np
from scipy.io import loadmat

from lib.faces.grey import unit_grey
from lib.faces.loading.align import Template, align, crop_template
from lib.files import sha256_of
from lib.judges.base import JudgeError, Judgement, ModelCard, judge_batches
from lib.networks.predict import predict
from lib.networks.vgg_face import Embedding, vgg_face

Channels = Literal["rgb", "bgr"]
Pairs = list[tuple[np.ndarray, np.ndarray]]

CROP = (0.32, 0.49)
"""f and c of the crop, that of the semi-adversarial chapters."""
SIZE = (224, 224)
BATCH = 8
ORDER: dict[str, Channels] = {".mat": "rgb", ".h5": "bgr", ".hdf5": "bgr"}
"""Channels of the first kernel by the file's ending, unless the user knows better."""


def read_vgg_face(
    path: str | Path, *, embedding: Embedding = "scores", channels: Channels | None = None
) -> keras.Model:
    """Build VGG16-face for grey images and load its published weights.

    Parameters
    ----------
    path : `.mat` of MatConvNet, or `.h5` of Keras with channels last.
    embedding : see `networks.vgg_face`.
    channels : of the first kernel in the file; None takes ORDER.

    Returns
    -------
    Model from `image` (B, 224, 224, 1) in [0, 1] to embeddings of length 1; frozen.

    Raises
    ------
    JudgeError : no such file, another format, or other shapes than VGG16-face has; the message names it.
    """
    path = Path(path)
    if not path.is_file() or path.suffix not in ORDER:
        raise JudgeError(f"{path} is missing or none of {', '.join(ORDER)}: name the published vgg_face file")
    try:
        pairs = _from_mat(path) if path.suffix == ".mat" else _from_h5(path)
    except (OSError, ValueError, KeyError, TypeError, NotImplementedError) as error:
        raise JudgeError(f"{path} cannot be read ({error}): fetch the file again") from error
    network = vgg_face(embedding=embedding, initializer="zeros")
    holders = [layer for layer in network.layers if layer.weights]
    if len(pairs) < len(holders):
        raise JudgeError(f"{path} holds {len(pairs)} layers with weights, VGG16-face has {len(holders)}")
    if (channels or ORDER[path.suffix]) == "rgb":
        pairs[0] = (pairs[0][0][:, :, ::-1], pairs[0][1])  # the network expects blue first
    for layer, (kernel, bias) in zip(holders, pairs, strict=False):  # with fc7 the last pair is not used
        _assign(layer, kernel, bias, path)
    network.trainable = False
    return network


def _assign(layer: Any, kernel: np.ndarray, bias: np.ndarray, path: Path) -> None:
    """Set one layer's weights, reshaping kernels of flattened maps; JudgeError if sizes differ."""
    wanted = tuple(layer.kernel.shape)
    fits = kernel.size == np.prod(wanted) and kernel.shape[-1] == wanted[-1] and bias.size == wanted[-1]
    if not fits:
        raise JudgeError(
            f"{path}: layer {layer.name} has kernel {kernel.shape} and bias {bias.shape}, VGG16-face needs "
            f"{wanted} and {wanted[-1:]}: another network"
        )
    layer.kernel.assign(kernel.reshape(wanted))
    layer.bias.assign(bias.reshape(-1))


def _from_mat(path: Path) -> Pairs:
    """Kernels and biases of a MatConvNet file, old form (filters, biases) or new (weights)."""
    content = loadmat(path, simplify_cells=True)
    pairs = []
    for layer in content.get("net", content)["layers"]:
        both = layer["weights"] if "weights" in layer else [layer.get("filters", ()), layer.get("biases", ())]
        if len(both) == 2 and np.size(both[0]):
            pairs.append((np.asarray(both[0], np.float32), np.asarray(both[1], np.float32)))
    return pairs


def _from_h5(path: Path) -> Pairs:
    """Kernels and biases of a Keras HDF5 file, in the order of its layers."""
    with h5py.File(path, "r") as file:
        root = file.get("model_weights", file)
        names = [name.decode() if isinstance(name, bytes) else name for name in root.attrs["layer_names"]]
        return [pair for name in names for pair in _pair(root[name])]


def _pair(group: h5py.Group) -> Pairs:
    arrays: list[np.ndarray] = []
    group.visititems(lambda _, item: arrays.append(item[...]) if isinstance(item, h5py.Dataset) else None)
    if not arrays:
        return []
    bias, kernel = sorted(arrays, key=np.ndim)
    return [(kernel, bias)]


class VggFace:
    """VGG16-face as a judge of identity (matcher).

    Attributes
    ----------
    card : who it is; with the hash of the file that was read.
    """

    def __init__(
        self, path: str | Path, *, embedding: Embedding = "scores", channels: Channels | None = None
    ) -> None:
        """Read the weights; parameters as in `read_vgg_face`."""
        self.network = read_vgg_face(path, embedding=embedding, channels=channels)
        self.template: Template = crop_template(*CROP, size=SIZE)
        self.card = ModelCard(
            name="identity_vgg_face",
            task="identity",
            trained_by="Omkar Parkhi, Andrea Vedaldi and Andrew Zisserman (BMVC 2015)",
            trained_on="2.6 million pictures of 2,622 celebrities from the web",
            size=SIZE,
            colour="grey",
            range=(0.0, 1.0),
            crop=f"A({CROP[0]:g}, {CROP[1]:g})",
            output=f"{embedding}, {self.network.output_shape[-1]} numbers of length 1",
            licence="the publisher's: non-commercial research",
            source="Visual Geometry Group, Oxford: VGG Face Descriptor",
            sha256=(sha256_of(path),),
            comparison="cosine",
            notes="Subjects of CelebA may be among those it was trained on.",
        )

    def __call__(self, images: np.ndarray, points: np.ndarray | None = None) -> Judgement:
        """Embed `images`, uint8 (N, H, W, 3) RGB, by their `points` (N, 5, 2) in pixels, NaN if not found.

        Raises
        ------
        JudgeError : no points.
        """
        if points is None:
            raise JudgeError(f"{self.card.name} needs five points: find them (find_subject_faces)")
        return judge_batches(self._embedded, images, points, batch=BATCH)

    def _embedded(self, images: np.ndarray, points: np.ndarray) -> np.ndarray:
        crops = [align(image, five, self.template) for image, five in zip(images, points, strict=True)]
        return predict(self.network, unit_grey(np.stack(crops)))
