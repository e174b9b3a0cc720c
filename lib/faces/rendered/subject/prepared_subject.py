"""Prepared subject: meshes, skin and hair that all images of one subject share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lib.faces.rendered.hair.grow_hair import grow_hair
from lib.faces.rendered.hair.strand_growth import Strands
from lib.faces.rendered.head.body import body_vertices
from lib.faces.rendered.head.ears import ear_mesh
from lib.faces.rendered.head.landmarks import landmark_vertices
from lib.faces.rendered.head.neutral_head import Head, build_head
from lib.faces.rendered.skin.skin import Skin, paint_skin
from lib.faces.rendered.subject.subject import Subject


@dataclass(frozen=True)
class Prepared:
    """A subject ready to be rendered: mesh, skin, hair; about 20 MB.

    Attributes
    ----------
    hair : strands of head and beard; bangs: whether the hair has some.
    ears : vertices, normals, faces and occlusion of the left and the right ear in the picture.
    body : vertices of neck and shoulders, (V, 3).
    landmarks : vertex of each of the 68 points.
    """

    subject: Subject
    head: Head
    skin: Skin
    hair: list[Strands]
    bangs: bool
    ears: list[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]
    body: np.ndarray
    landmarks: np.ndarray


def prepare(subject: Subject) -> Prepared:
    """Build what all images of `subject` share (about 0.25 s)."""
    head = build_head(subject.measures)
    skin = paint_skin(subject, head)
    hair, bangs = grow_hair(subject, head)
    ears = [ear_mesh(subject.measures, sign) for sign in (-1, 1)]
    body = body_vertices(subject.measures)
    return Prepared(subject, head, skin, hair, bangs, ears, body, landmark_vertices(subject, head))
