"""CelebA's attributes of a rendered image, as far as they are visible in it.

Thresholds are the project's own: near the frequencies of CelebA where the rendered world has the trait as
often, and never for what a hat, dark glasses, hair or the picture's edge hides.
"""

from __future__ import annotations

from dataclasses import dataclass

from lib.faces.faceset import ATTRIBUTES
from lib.faces.rendered.hair.hair_styles import LONG
from lib.faces.rendered.head.eyes import lid_openings
from lib.faces.rendered.scene.shot import Shot
from lib.faces.rendered.subject.subject import Subject

RENDERED_ATTRIBUTES = tuple(name for name in ATTRIBUTES if name != "Attractive")
"""All of CelebA's names but one, which means nothing for a rendered face."""
_BALD = ("bald", "horseshoe")
_WAVY = ("wavy", "wavyshort", "afro", "braids")
_CROPPED = ("buzz", "crew")
_FRINGED = ("fringe", "pixie")


@dataclass(frozen=True)
class Seen:
    """What is visible in the image of lips, hair and accessories; without an image all that is worn.

    Attributes
    ----------
    bangs : whether the subject's long hair has some.
    hair : whether enough shows; asked where a hat is worn.
    mouth_gap : millimetres between the lips in the middle, or None: judged by the action units.
    earrings, necklace, tie : whether enough of it is in the picture, if worn.
    """

    bangs: bool = False
    hair: bool = True
    mouth_gap: float | None = None
    earrings: bool = True
    necklace: bool = True
    tie: bool = True


def attributes(subject: Subject, shot: Shot, seen: Seen) -> dict[str, bool]:
    """Values of RENDERED_ATTRIBUTES for one shot, by name."""
    values = {
        **_hair(subject, shot, seen),
        **_facial_hair(subject),
        **_face(subject),
        **_eyes(subject, shot),
        **_expression(subject, shot, seen.mouth_gap),
        **_make_up(subject),
        **_worn(shot, seen),
        "Blurry": shot.camera.blur > 0.85,
        "Male": not subject.female,
        "Young": subject.age < 45,
    }
    return {name: bool(values[name]) for name in RENDERED_ATTRIBUTES}


def _hair(subject: Subject, shot: Shot, seen: Seen) -> dict[str, bool]:
    a = subject.looks
    style, name, bare = a["hair_style"], a["hair_name"], shot.accessories.hat is None
    fringe = seen.bangs or style in _FRINGED
    shows = style != "bald" and (bare or (seen.hair and style not in _CROPPED))
    long_enough = shows and style not in (*_CROPPED, *_BALD)
    wavy = style in _WAVY or a["curl"] >= 0.3
    return {
        "Bald": bare and style in _BALD,
        "Bangs": bare and fringe,
        "Black_Hair": shows and name == "black",
        "Blond_Hair": shows and name == "blond",
        "Brown_Hair": shows and name == "brown",
        "Gray_Hair": shows and name == "gray",
        "Receding_Hairline": bare and style != "bald" and a["receding"] > 0.28 and not fringe,
        "Straight_Hair": long_enough and not wavy,
        "Wavy_Hair": long_enough and wavy,
    }


def _facial_hair(subject: Subject) -> dict[str, bool]:
    a = subject.looks
    shaven = a["beard"] == 0 and a["goatee"] == 0
    grown = a["sideburns"] > 0 and a["hair_style"] not in (*_BALD, *LONG)
    return {
        "5_o_Clock_Shadow": shaven and a["stubble"] > 0.75,
        "Goatee": a["goatee"] > 0 and a["beard"] == 0,
        "Mustache": a["moustache"] > 0,
        "No_Beard": shaven,
        "Sideburns": grown or a["beard"] >= 12,
    }


def _face(subject: Subject) -> dict[str, bool]:
    g, a = subject.measures, subject.looks
    return {
        "Arched_Eyebrows": a["brow_arch"] > 4.2,
        "Big_Lips": g["upper_lip"] + g["lower_lip"] > 18.2,
        "Big_Nose": g["nose_width"] > 38.3,
        "Bushy_Eyebrows": a["brow_thickness"] > 8.0,
        "Chubby": g["fullness"] > 1.3,
        "Double_Chin": a["beard"] == 0 and (g["jowls"] > 3.9 or g["fullness"] > 1.9),
        "Oval_Face": g["jaw_width"] / g["cheekbone_width"] < 0.675,
        "Pale_Skin": a["melanin"] < 0.055,
        "Pointy_Nose": g["nose_tip_radius"] < 7.8,
    }


def _eyes(subject: Subject, shot: Shot) -> dict[str, bool]:
    """Attributes of the eyes, which dark glasses hide."""
    worn, g = shot.accessories.spectacles, subject.measures
    seen = worn is None or not worn.sunglasses
    return {
        "Bags_Under_Eyes": seen and g["eye_bags"] > 1.4,
        "Narrow_Eyes": seen and sum(lid_openings(g, shot)) < 6.2,
    }


def _expression(subject: Subject, shot: Shot, mouth_gap: float | None) -> dict[str, bool]:
    g, e = subject.measures, shot.actions
    parted = e["jaw"] > 0.08 or e["lips_part"] > 0.5 if mouth_gap is None else mouth_gap > 1.5
    return {
        "High_Cheekbones": g["cheekbone"] > 2.6 or e["au12"] > 0.8,
        "Mouth_Slightly_Open": parted,
        "Smiling": e["au12"] > 0.45,
    }


def _make_up(subject: Subject) -> dict[str, bool]:
    a = subject.looks
    return {
        "Heavy_Makeup": a["eye_shadow"] > 0.4 and a["lipstick"] > 0,
        "Rosy_Cheeks": a["blush"] > 0.75 and a["melanin"] < 0.5,
        "Wearing_Lipstick": a["lipstick"] > 0,
    }


def _worn(shot: Shot, seen: Seen) -> dict[str, bool]:
    worn, clothes = shot.accessories, shot.clothes
    return {
        "Eyeglasses": worn.spectacles is not None,
        "Wearing_Hat": worn.hat not in (None, "headscarf"),
        "Wearing_Earrings": worn.earrings and seen.earrings,
        "Wearing_Necklace": worn.necklace and clothes.low_neck and seen.necklace,
        "Wearing_Necktie": clothes.tie and seen.tie,
    }
