"""The judges whose weights come with Python packages: their files, and who trained them on what.

Knows the cards without importing dlib or mtcnn.
"""

from __future__ import annotations

from lib.judges.base import ModelCard

POINTS_68 = "shape_predictor_68_face_landmarks.dat"
POINTS_5 = "shape_predictor_5_face_landmarks.dat"
RECOGNISER = "dlib_face_recognition_resnet_model_v1.dat"
DLIB_SHA256 = {
    POINTS_68: "fbdc2cb80eb9aa7a758672cbfdda32ba6300efe9b6e6c7a299ff7e736b11b92f",
    POINTS_5: "c4b1e9804792707d3a405c2c16a80a20269e6675021f64a41d30fffafbc41888",
    RECOGNISER: "55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30",
}
MTCNN_SHA256 = {
    "pnet.lz4": "ea6b0c3e685ebee3165326ad6484acc95f2ef78f1c94fbf40a55704fa989f7b5",
    "rnet.lz4": "cb00e6460f3c98b0bfafaba3c0a0ded4bdf6e62cee7174d969e8670d7e757fee",
    "onet.lz4": "94f6ea2f4cf985275ee958cdd762d17b6009348a4fb9d8c6be39ba73ffd22ca3",
}
DLIB_CHIP = (150, 150)
"""Height and width in pixels of the crop that dlib's matcher sees."""

DLIB_FRONTAL = ModelCard(
    name="dlib_frontal",
    task="detect",
    trained_by="Davis King (dlib)",
    trained_on="about 3,000 photographs of LFW, faces near frontal",
    size=(0, 0),
    colour="rgb",
    range=(0, 255),
    crop="whole picture, enlarged by a whole factor until no side is below 320 px",
    output="boxes, five points by the 68-point predictor (trained on iBUG 300-W), score above 0",
    licence="Boost 1.0; the 68-point predictor for research only",
    source="dlib 20.0 (HOG and five linear filters); face_recognition_models 0.3",
    sha256=(DLIB_SHA256[POINTS_68],),
    notes="Five views, all nearly upright: turned heads are missed.",
    saw=("lfw", "ibug300w"),
    needs=(),
)
DLIB_RECOGNISER = ModelCard(
    name="dlib_recogniser",
    task="identity",
    trained_by="Davis King (dlib)",
    trained_on="about 3 million faces of 7,485 people: VGG Face, FaceScrub and pictures from the web",
    size=DLIB_CHIP,
    colour="rgb",
    range=(0, 255),
    crop="150 x 150 px by dlib's own five points, a quarter of padding",
    output="128 numbers; distance d is the score -d; 0.6 is the publisher's threshold",
    licence="CC0",
    source="face_recognition_models 0.3, dlib_face_recognition_resnet_model_v1",
    sha256=(DLIB_SHA256[POINTS_5], DLIB_SHA256[RECOGNISER]),
    comparison="euclidean",
    notes="The publisher removed the people of LFW from its training pictures and states .9938 on LFW.",
    saw=("vggface", "facescrub", "web"),
)
MTCNN = ModelCard(
    name="mtcnn",
    task="detect",
    trained_by="the authors of MTCNN; weights carried over to TensorFlow by Ivan de Paz Centeno",
    trained_on="WIDER FACE (boxes) and CelebA (five points)",
    size=(0, 0),
    colour="rgb",
    range=(0, 255),
    crop="whole picture, enlarged by a whole factor until no side is below 224 px",
    output="boxes, five points, probability of a face",
    licence="MIT",
    source="package mtcnn 1.0.0",
    sha256=tuple(MTCNN_SHA256.values()),
    notes="Its files are unpickled by the package; their hashes are checked first. Saw CelebA in training.",
    saw=("wider", "celeba"),
    needs=(),
)
CARDS = (DLIB_FRONTAL, MTCNN, DLIB_RECOGNISER)
"""The cards of all packaged judges."""
