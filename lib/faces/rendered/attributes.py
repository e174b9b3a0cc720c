"""Attributes in the manner of CelebA's forty, from what was drawn; thresholds are the project's own."""

from __future__ import annotations

from lib.faces.faceset import ATTRIBUTES
from lib.faces.rendered.shots import Shot
from lib.faces.rendered.subject import Subject

RENDERED_ATTRIBUTES = tuple(name for name in ATTRIBUTES if name != "Attractive")
"""All of CelebA's names but one, which means nothing for a rendered face."""


def attributes(subject: Subject, shot: Shot, bangs: bool) -> dict[str, bool]:
    """Value of each of RENDERED_ATTRIBUTES; `bangs`: whether the subject's long hair has some."""
    values = {
        **_hair(subject, shot, bangs),
        **_facial_hair(subject),
        **_face(subject),
        **_expression(subject, shot),
        **_make_up(subject),
        **_worn(shot),
        "Blurry": shot.camera.blur > 0.8,
        "Male": not subject.female,
        "Young": subject.age < 42,
    }
    return {name: bool(values[name]) for name in RENDERED_ATTRIBUTES}


def _hair(subject: Subject, shot: Shot, bangs: bool) -> dict[str, bool]:
    a = subject.looks
    style, name = a["hair_style"], a["hair_name"]
    seen = shot.accessories.hat is None and style != "bald"
    wavy = style in ("wavy", "wavyshort", "afro")
    return {
        "Bald": style == "bald",
        "Bangs": seen and (bangs or style in ("fringe", "pixie")),
        "Black_Hair": seen and name == "black",
        "Blond_Hair": seen and name == "blond",
        "Brown_Hair": seen and name == "brown",
        "Gray_Hair": seen and name == "gray",
        "Receding_Hairline": style == "horseshoe" or a["receding"] > 0.5,
        "Straight_Hair": seen and not wavy and a["curl"] < 0.3,
        "Wavy_Hair": seen and (wavy or a["curl"] >= 0.3),
    }


def _facial_hair(subject: Subject) -> dict[str, bool]:
    a = subject.looks
    return {
        "5_o_Clock_Shadow": a["stubble"] > 0.45 and a["beard"] == 0,
        "Goatee": a["goatee"] > 0 and a["beard"] == 0,
        "Mustache": a["moustache"] > 0,
        "No_Beard": a["beard"] == 0 and a["goatee"] == 0,
        "Sideburns": a["sideburns"] > 0 or a["beard"] > 0,
    }


def _face(subject: Subject) -> dict[str, bool]:
    g, a = subject.measures, subject.looks
    return {
        "Arched_Eyebrows": a["brow_arch"] > 4.8,
        "Bags_Under_Eyes": g["eye_bags"] > 1.1,
        "Big_Lips": g["upper_lip"] + g["lower_lip"] > 19.5,
        "Big_Nose": g["nose_width"] > 39,
        "Bushy_Eyebrows": a["brow_thickness"] > 6.6,
        "Chubby": g["fullness"] > 1.0,
        "Double_Chin": g["jowls"] > 2.5,
        "Oval_Face": g["jaw_width"] / g["cheekbone_width"] < 0.735,
        "Pale_Skin": a["melanin"] < 0.10,
        "Pointy_Nose": g["nose_tip_radius"] < 7.8,
    }


def _expression(subject: Subject, shot: Shot) -> dict[str, bool]:
    g, e = subject.measures, shot.actions
    return {
        "High_Cheekbones": g["cheekbone"] > 2.0 or e["au12"] > 0.8,
        "Mouth_Slightly_Open": e["jaw"] > 0.08 or e["lips_part"] > 0.5,
        "Narrow_Eyes": g["upper_lid"] + g["lower_lid"] + 4.5 * e["upper_lid"] < 8.6,
        "Smiling": e["au12"] > 0.45,
    }


def _make_up(subject: Subject) -> dict[str, bool]:
    a = subject.looks
    return {
        "Heavy_Makeup": a["eye_shadow"] > 0.55 and a["lipstick"] > 0.5,
        "Rosy_Cheeks": a["blush"] > 0.6,
        "Wearing_Lipstick": a["lipstick"] > 0,
    }


def _worn(shot: Shot) -> dict[str, bool]:
    worn, clothes = shot.accessories, shot.clothes
    return {
        "Eyeglasses": worn.spectacles is not None,
        "Wearing_Hat": worn.hat is not None,
        "Wearing_Earrings": worn.earrings,
        "Wearing_Necklace": worn.necklace and clothes.low_neck,
        "Wearing_Necktie": clothes.tie,
    }
