"""A protection is handed what it asks for, and held to its word."""

from dataclasses import dataclass

import numpy as np
import pytest

from lib.deidentify.protections.base import Protection, ProtectionError, protect
from lib.deidentify.protections.baselines import Blur, Pixelate, SolidFill
from lib.deidentify.protections.registry import PROTECTIONS, protection_named
from lib.faces.grey import to_grey
from lib.measures.image_quality import ssim
from tests.exact import exactly


@dataclass(frozen=True)
class Asks(Blur):
    """Says what it was given."""

    needs = ("Male",)

    def __call__(self, faces, **labels):
        assert set(labels) == {"Male"} and len(labels["Male"]) == len(faces)
        return 255 - faces


@dataclass(frozen=True)
class Broken(Blur):
    how: str = "shape"

    def __call__(self, faces, **labels):
        return faces[:, 1:] if self.how == "shape" else faces / 2


def noise(count=2, height=20, width=30):
    return np.random.default_rng(0).integers(0, 256, (count, height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize("name", ["blur", "pixelate", "cover"])
@pytest.mark.parametrize("colour", ["rgb", "grey"])
def test_all_of_them_keep_the_shape_and_alter(name, colour):
    faces = noise()
    before = faces.copy()
    protection = PROTECTIONS[name](colour=colour)
    out = protect(protection, faces)
    assert isinstance(protection, Protection)
    assert out.shape == faces.shape and out.dtype == np.uint8 and (out != faces).any()
    assert np.array_equal(faces, before), "what it was given stays"
    if colour == "grey":
        assert exactly(out, np.repeat(out[..., :1], 3, axis=-1), because="one channel, repeated")
    assert protect(protection, faces[:0]).shape == (0, 20, 30, 3)


def test_the_name_tells_protections_apart():
    names = {
        Blur().name,
        Blur(strength=0.2).name,
        Blur(colour="grey").name,
        Pixelate().name,
        SolidFill().name,
    }
    assert len(names) == 5


def test_values_by_hand():
    faces = noise()
    assert (protect(SolidFill(), faces) == 128).all()
    whole = protect(Pixelate(strength=1.0), np.ascontiguousarray(faces[:, :20, :20]))
    assert np.abs(whole[0, 0, 0] - faces[0, :20, :20].mean((0, 1))).max() <= 0.5 + 1e-6
    assert len(np.unique(whole[0].reshape(-1, 3), axis=0)) == 1
    assert protect(Blur(strength=0.3), faces).std() < protect(Blur(strength=0.03), faces).std()


def test_labels_and_grey_are_handed_over():
    out = protect(Asks(colour="grey"), noise(), Male=np.array([True, False]), age=np.zeros(2))
    assert exactly(out[..., 0], 255 - to_grey(noise()), because="whole grey levels")
    with pytest.raises(ProtectionError, match="must be told Male"):
        protect(Asks(), noise())


@pytest.mark.parametrize("how", ["shape", "dtype"])
def test_a_broken_word_stops(how):
    with pytest.raises(ProtectionError, match="must keep both"):
        protect(Broken(how=how), noise())


def test_wrong_names_and_strengths_stop():
    for wrong in (0, -1, 1.5, float("nan")):
        with pytest.raises(ProtectionError, match="strength"):
            protection_named("blur", wrong)
    with pytest.raises(ProtectionError, match="blur, pixelate, cover"):
        protection_named("nothing")
    with pytest.raises(ProtectionError, match="no strength"):
        protection_named("cover", 0.5)
    assert (
        exactly(protection_named("blur", 0.2), Blur(strength=0.2), because="settings as they were given")
        and protection_named("cover") == SolidFill()
    )


def test_similarity_of_structure():
    images = to_grey(noise(2, 24, 24))
    far = np.full_like(images, 128)
    assert ssim(images, images) == pytest.approx([1, 1])
    assert (ssim(images, far) < 0.2).all()
    with pytest.raises(ValueError, match="grey"):
        ssim(images, images[:1])
