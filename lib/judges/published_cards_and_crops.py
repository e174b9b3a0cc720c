"""Catalogue of the published networks: training data, crop, how outputs are read, hashes.

The crop matters more than the network: a gender network falls from an AUC of .994 to .823 under another
one's crop. Each judge has the crop that did best on photographs, never on rendered faces.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from lib.faces.loading.align import TEMPLATES, Template, crop_template
from lib.judges.base import Colour, ModelCard, Task

SHA256 = {
    "age_gender_mobilenet025": "95120bc397ce7d81c244b6324ab3195dc6ab35c6045d25958430cc0a89b0f39a",
    "age_gender_tinyxception": "f1ece3d2f5cfeac34efa4721f63f482da1de0a895389f8fce1ff89f41241687c",
    "age_ssrnet_imdb": "24468911a73d3dad5fdb1ff456bdb52a10f1513ac55eecb69eb944f43b3e99c4",
    "age_ssrnet_megaage_asian": "97b77d9ee69e6fac0abd8ed2fa4c76eab92ef4f48ae91a54b6872060790a93b4",
    "age_ssrnet_morph2": "326d594b0c309b6d655fd96cdb9359d1a7fd0b868fb4d54ed8ff422cf665d336",
    "age_ssrnet_wiki": "de58e236fb3a5ecbb29bccbeedcd25f44fc218e07aa31dbcb1c2db8156e361ad",
    "emotion_big_xception": "236c261ed2650661b7fbcb6df1b9042207f9efbde5df5efbd0f27cb84ecdd37c",
    "emotion_dense": "df85a3e8da9616d3fd37d1a598081f3147bd8819cf38e6ac35f5d40ecff9160c",
    "emotion_mini_xception": "cc0ccc1de853c89007af68ecf4014cb15a074e643408163047d2f56c2241f761",
    "face_detector_yunet": "8133f4414ae6e2ff3870104ab0800cc711ea3d323170af618439983bfe1620be",
    "gender_mini_xception": "93b2b2d2897a9a1006c24346adae2e2c593b3c50efe6070eef7f45e19483db73",
    "gender_plain_cnn": "419870b258f31a3633228bbe16262a9606124cfbe880a02c65b8bf8dd7863f15",
    "gender_ssrnet_imdb": "0615b4677cdd4f2ce01f7c0ae8250f5f09ebf87c9e548a387edea0ab9003400b",
    "gender_ssrnet_wiki": "624f6a722db2bd7e03ccc105eb667613667d2b2c019de32e730c0846a6e5c11d",
    "identity_mobilefacenet_casia": "842442e7a7f657a2fa0a98d9ea40e81e51fab8c37da4a709a5c5713cbf4134f3",
    "identity_mobilefacenet_y1": "c26e9a816e599177b20368a158c11207c7d49dda9661fcb1f7935c8cbe9525a1",
    "identity_reid0095": "013901106653f9d64a01e3c01a87b36d1babe7abcb714af05ccfb75bcb936f26",
    "landmarks5": "9c5e724ea8ba8f7069069660f408f8f895999669b7f056788f6b3baab55638b0",
    "san_mirjalili_2018": "0e4bf7d195a09f636f5b3f03f8904d54f3148672fd5153b6af89e0964c7126f2",
}
"""sha256 of each network's .npz file: nineteen networks, eighteen that judge and one that protects."""

PROTOTYPES = "san_prototypes"
PROTOTYPES_SHA256 = "824356116a57ed1749f2b96e1d5a7ffe71a5bd6c81592f7d109662f643d5bcab"

FER_FRAME = (0.354, 0.575)
"""f and c of the crop that frames a face as FER-2013's pictures do (median of 1,435 frontal ones)."""


@dataclass(frozen=True)
class Recipe:
    """How a judge is made of a published network: card, file, crop, output.

    Attributes
    ----------
    card : says what a reader must know.
    network : its file, without the ending.
    template : where the five points lie in its crop.
    output : which of the network's outputs.
    read : that output, (n, k), as the judge's values, (n,) or (n, D).
    mirrored : whether its publisher joins the embedding of the mirrored crop to it.
    """

    card: ModelCard
    network: str
    template: Template
    output: str
    read: Callable[[np.ndarray], np.ndarray]
    mirrored: bool = False


def _first(y: np.ndarray) -> np.ndarray:
    return y.reshape(len(y), -1)[:, 0]


def _second(y: np.ndarray) -> np.ndarray:
    return y[:, 1]


def _second_less_first(y: np.ndarray) -> np.ndarray:
    return y[:, 1] - y[:, 0]


def _same(y: np.ndarray) -> np.ndarray:
    return y


def _from_dense(y: np.ndarray) -> np.ndarray:
    """Reorder emotions from neutral, happy, sad, angry, fear, disgust, surprise to EXPRESSIONS."""
    return y[:, [3, 5, 4, 1, 2, 6, 0]]


@dataclass(frozen=True)
class _Origin:
    """Facts shared by all networks of one publisher."""

    trained_by: str
    trained_on: str
    licence: str
    source: str
    size: tuple[int, int]
    colour: Colour
    notes: str = ""
    saw: tuple[str, ...] | None = None


_ARRIAGA = _Origin(
    "Octavio Arriaga, Paul Plöger and Matias Valdenegro",
    "FER-2013, training part",
    "MIT",
    "oarriaga/face_classification",
    (64, 64),
    "grey",
    "The publisher states .66 on FER-2013.",
    ("fer2013/train",),
)
_SSRNET = _Origin(
    "Tsun-Yi Yang and others (SSR-Net, IJCAI 2018)",
    "IMDB faces",
    "Apache-2.0",
    "shamangary/SSR-Net",
    (64, 64),
    "rgb",
    saw=("imdb",),
)
_TINY = _Origin(
    "Vincent Mühler (face-api.js)",
    "UTKFace, FG-NET, ChaLearn, WIKI, IMDB, CACD, MegaAge",
    "MIT",
    "justadudewhohacks/face-api.js, published as 8-bit weights",
    (112, 112),
    "rgb",
    "Saw UTKFace in training: its figures there are no test.",
    ("utkface", "fg-net", "chalearn", "wiki", "imdb", "cacd", "megaage"),
)
_INSIGHT = _Origin(
    "InsightFace (deepinsight)",
    "not stated by the publisher",
    "code MIT; trained networks for non-commercial research only",
    "deepinsight/insightface, gender-age/model (2019)",
    (112, 112),
    "rgb",
)
_PEPE = _Origin(
    "Gianluca Pepe and a fellow student",
    "CelebA, training part",
    "MIT",
    "gianluca-pepe/semi-adversarial-network",
    (224, 224),
    "grey",
    "Saw CelebA in training.",
    ("celeba/train",),
)
_ZOO = _Origin(
    "Open Model Zoo (Intel)",
    "not stated by the publisher",
    "Apache-2.0",
    "face-reidentification-retail-0095, FP16",
    (128, 128),
    "rgb",
    "The publisher states an accuracy of .9947 on LFW.",
)
_CELEBRITIES = "People of LFW and CelebA in its training set are not excluded."
_Y1 = replace(
    _INSIGHT,
    trained_on="MS1M, faces of celebrities",
    source="insightface model y1 (copy in honghuCode/mobileFacenet-ncnn)",
    notes=_CELEBRITIES,
    saw=("ms1m",),
)
_CASIA = _Origin(
    "Xiaoccer (MobileFaceNet_Pytorch)",
    "CASIA-WebFace, faces of celebrities",
    "none stated",
    "Xiaoccer/MobileFaceNet_Pytorch, 068.ckpt",
    (112, 96),
    "rgb",
    _CELEBRITIES + " The mirrored crop, which its authors add, is used in the folds of LFW alone.",
    ("casia-webface",),
)


def _recipe(
    name: str,
    task: Task,
    origin: _Origin,
    crop: str | tuple[float, float],
    read: Callable[[np.ndarray], np.ndarray],
    meaning: str,
    *,
    network: str = "",
    key: str = "",
    threshold: float | None = None,
) -> Recipe:
    """Build the recipe of one judge.

    Parameters
    ----------
    crop : a template's name, or f and c of A(f, c).
    read, meaning : from the network's output to values, and what they mean.
    network, key : its file and its output, where they are not `<task>_<name>` and the task.
    threshold : of a gender judge.
    """
    network = network or f"{task}_{name}"
    if isinstance(crop, str):
        template, words = TEMPLATES[crop], f"template {crop}"
    else:
        template, words = crop_template(*crop, origin.size), f"A({crop[0]:g}, {crop[1]:g})"
    if crop == FER_FRAME:
        words += " as FER-2013 frames its pictures, or a whole picture of FER-2013"
    card = ModelCard(
        name=f"{task}_{name}",
        task=task,
        crop=words,
        range=(0.0, 1.0),
        output=meaning,
        sha256=(SHA256[network],),
        comparison="cosine" if task == "identity" else "",
        threshold=threshold,
        **vars(origin),
    )
    return Recipe(card, network, template, key or task, read)


_MALE = "probability of male, 0 to 1, higher is more male"
_NEAR_MALE = "near 1 male, near 0 female, may leave [0, 1], higher is more male"
_LESS = "male less female, two sigmoids, -1 to 1, higher is more male"
_EMOTIONS = "probabilities of angry, disgust, fear, happy, sad, surprise, neutral"


def _identity(name: str, origin: _Origin, template: str, numbers: int, *, mirrored: bool = False) -> Recipe:
    meaning = f"{numbers} numbers of length 1, compared by their dot product"
    recipe = _recipe(name, "identity", origin, template, _same, meaning, key="embedding")
    return replace(recipe, mirrored=mirrored)


def _age(name: str, origin: _Origin, crop: str | tuple[float, float], network: str = "") -> Recipe:
    return _recipe(name, "age", origin, crop, _first, "years", network=network)


def _ssr_gender(name: str, trained_on: str) -> Recipe:
    origin = replace(_SSRNET, trained_on=trained_on, saw=(trained_on.split()[0].lower(),))
    return _recipe(name, "gender", origin, (0.20, 0.5), _first, _NEAR_MALE, key="male", threshold=0.5)


def _emotion(name: str, origin: _Origin, read: Callable[[np.ndarray], np.ndarray] = _same) -> Recipe:
    return _recipe(name, "emotion", origin, FER_FRAME, read, _EMOTIONS)


_TINY_FILE, _MOBILE_FILE = "age_gender_tinyxception", "age_gender_mobilenet025"
_ALL = (
    _identity("reid0095", _ZOO, "reid0095", 256),
    _identity("mobilefacenet_y1", _Y1, "arcface", 128),
    _identity("mobilefacenet_casia", _CASIA, "sphereface", 128, mirrored=True),
    _recipe(
        "mini_xception",
        "gender",
        replace(_ARRIAGA, trained_on="IMDB faces", notes="", saw=("imdb",)),
        (0.20, 0.5),
        _second,
        _MALE,
        threshold=0.5,
    ),
    _ssr_gender("ssrnet_imdb", "IMDB faces"),
    _ssr_gender("ssrnet_wiki", "WIKI faces"),
    _recipe("plain_cnn", "gender", _PEPE, (0.25, 0.5), _second_less_first, _LESS, threshold=0.0),
    _recipe("tinyxception", "gender", _TINY, (0.32, 0.47), _first, _MALE, network=_TINY_FILE, threshold=0.5),
    _recipe(
        "mobilenet025", "gender", _INSIGHT, "arcface", _second, _MALE, network=_MOBILE_FILE, threshold=0.5
    ),
    _age("tinyxception", _TINY, (0.32, 0.47), _TINY_FILE),
    _age("mobilenet025", _INSIGHT, "arcface", _MOBILE_FILE),
    _age("ssrnet_imdb", _SSRNET, (0.20, 0.5)),
    _age("ssrnet_wiki", replace(_SSRNET, trained_on="WIKI faces", saw=("wiki",)), (0.20, 0.5)),
    _age("ssrnet_morph2", replace(_SSRNET, trained_on="MORPH2, adults", saw=("morph2",)), (0.25, 0.5)),
    _age("ssrnet_megaage_asian", replace(_SSRNET, trained_on="MegaAge-Asian", saw=("megaage",)), (0.25, 0.5)),
    _emotion("mini_xception", _ARRIAGA),
    _emotion("big_xception", _ARRIAGA),
    _emotion(
        "dense",
        replace(_TINY, trained_on="public sets and pictures from the web", notes="", saw=None),
        _from_dense,
    ),
)
RECIPES = {recipe.card.name: recipe for recipe in _ALL}
"""The published judges by name, without the detector."""

YUNET = ModelCard(
    name="yunet",
    task="detect",
    trained_by="Shiqi Yu's group (libfacedetection)",
    trained_on="WIDER FACE, training part",
    size=(0, 0),
    colour="rgb",
    range=(0.0, 1.0),
    crop="whole picture, enlarged by a whole factor until no side is below 224 px",
    output="boxes, five points, score 0 to 1, faces from 0.6",
    licence="Apache-2.0",
    source="ShiqiYu/libfacedetection.train, yunet_n_320_320.onnx",
    sha256=(SHA256["face_detector_yunet"],),
    needs=(),
    saw=("wider/train",),
)
CARDS = (YUNET, *(recipe.card for recipe in _ALL))
"""The cards of all published judges."""
