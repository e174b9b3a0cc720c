"""Render one image: pose, depth buffer, shadows, shading, strands, accessories, backdrop, camera."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from lib.faces.rendered.accessories.clothes import body_vector
from lib.faces.rendered.accessories.hats import shade_under_hat
from lib.faces.rendered.accessories.jewellery import draw_jewellery
from lib.faces.rendered.accessories.occluders import occluder_meshes
from lib.faces.rendered.accessories.spectacles import draw_spectacles
from lib.faces.rendered.hair.draw_strands import draw_strands, pose_strands
from lib.faces.rendered.head.eyes import eye_vector
from lib.faces.rendered.head.mesh import Mesh, joined
from lib.faces.rendered.head.meshes_of_picture import body_part, ear_parts, hat_parts, head_part
from lib.faces.rendered.head.mouth import mouth_vector
from lib.faces.rendered.output.ground_truth import Truth, truth_of
from lib.faces.rendered.random_streams import generator
from lib.faces.rendered.scene.backdrop import sample_backdrop
from lib.faces.rendered.scene.camera import photograph
from lib.faces.rendered.scene.lights import Lighting
from lib.faces.rendered.scene.picture_buffers import Picture
from lib.faces.rendered.scene.pose import Lens, Pose
from lib.faces.rendered.scene.raster import draw_triangles
from lib.faces.rendered.scene.shading import shade
from lib.faces.rendered.scene.shadows import ShadowMap
from lib.faces.rendered.scene.shot import Shot
from lib.faces.rendered.skin.skin_canvas import TEXELS
from lib.faces.rendered.subject.prepared_subject import Prepared

_SUPERSAMPLING = 2


@dataclass(frozen=True)
class Rendering:
    """A rendered image, uint8 (size, size, 3) RGB, with its ground truth."""

    image: np.ndarray
    truth: Truth


@dataclass(frozen=True)
class _Cover:
    """Visible triangle per pixel (-1: none), two barycentric weights, and depth; all (n, n)."""

    triangle: np.ndarray
    second: np.ndarray
    third: np.ndarray
    depth: np.ndarray


def render(prepared: Prepared, shot: Shot, size: int = 112) -> Rendering:
    """Render one image of a prepared subject.

    Parameters
    ----------
    size : pixels of the square picture, 16 or more.

    Raises
    ------
    ValueError : `size` is too small.
    """
    if size < 16:
        raise ValueError(f"a picture of {size} pixels is too small; 16 is the least")
    subject = prepared.subject
    r = generator("picture", subject.world, subject.number, shot.number)
    pose, lens = Pose.of(shot), Lens.of(shot.camera, size * _SUPERSAMPLING)
    head = head_part(prepared, shot, pose)
    head.occlusion = head.occlusion * shade_under_hat(shot.accessories.hat, head.neutral)
    rest = [*ear_parts(prepared, pose), body_part(prepared, pose), *hat_parts(prepared, shot, pose)]
    rest += _held(prepared, shot, pose)
    mesh = joined([head, *rest])
    picture = _draw(prepared, shot, head, mesh, pose, lens, size * _SUPERSAMPLING, r)
    image = photograph(picture.image, picture.parts > 0, shot.camera, size, r)
    own_lens = replace(
        lens,
        focal=lens.focal / _SUPERSAMPLING,
        centre=(lens.centre[0] / _SUPERSAMPLING, lens.centre[1] / _SUPERSAMPLING),
    )
    return Rendering(image, truth_of(prepared, shot, head, pose, own_lens, picture))


def _draw(
    prepared: Prepared,
    shot: Shot,
    head: Mesh,
    mesh: Mesh,
    pose: Pose,
    lens: Lens,
    n: int,
    r: np.random.Generator,
) -> Picture:
    """Render the image of n pixels in linear light, with depth and parts."""
    subject, hat = prepared.subject, shot.accessories.hat
    cover = _cover(mesh, len(head.faces), lens, n)
    lighting = Lighting.of(shot.light)
    shadow = ShadowMap.towards(lighting.key)
    shadow.add_triangles(mesh.vertices, mesh.faces)
    motion = head.moved - head.neutral
    shoulder = subject.measures["shoulder_y"]
    hair = [(pose_strands(own, motion, pose, shoulder, hat), own) for own in prepared.hair]
    for posed, own in hair:
        if not own.facial:
            shadow.add_strands(posed)
    picture = Picture(sample_backdrop(r, n), cover.depth, np.zeros((n, n), np.uint8), lens)
    _shade(picture, prepared, shot, mesh, cover, lighting, shadow, pose, r)
    for posed, own in hair:
        if own.facial or hat is None or subject.looks["hair_style"] != "buzz":
            draw_strands(picture, posed, own, lighting, shadow, pose)
    draw_jewellery(picture, subject, shot, pose, r)
    draw_spectacles(picture, subject, shot, pose)
    return picture


def _held(prepared: Prepared, shot: Shot, pose: Pose) -> list[Mesh]:
    """Meshes of the occluder; an empty list without one."""
    worn = shot.accessories
    if worn.occluder is None:
        return []
    return occluder_meshes(worn.occluder, worn.side, prepared.subject.measures, prepared.head, pose)


def _cover(mesh: Mesh, head_faces: int, lens: Lens, n: int) -> _Cover:
    """Rasterise the mesh's triangles; the first `head_faces` are culled from behind."""
    screen = lens.project(mesh.vertices)
    triangle, depth = np.full((n, n), -1, np.int32), np.full((n, n), 1e9)
    second, third = np.zeros((n, n)), np.zeros((n, n))
    draw_triangles(screen, mesh.faces[:head_faces], 0, depth, triangle, second, third, True)
    draw_triangles(screen, mesh.faces[head_faces:], head_faces, depth, triangle, second, third, False)
    return _Cover(triangle, second, third, depth)


def _shade(
    picture: Picture,
    prepared: Prepared,
    shot: Shot,
    mesh: Mesh,
    cover: _Cover,
    lighting: Lighting,
    shadow: ShadowMap,
    pose: Pose,
    r: np.random.Generator,
) -> None:
    """Compute the colour of every covered pixel."""
    subject, head, skin = prepared.subject, prepared.head, prepared.skin
    hat_colour = np.clip(np.exp(r.normal(-2.3, 0.9)) * np.exp(r.normal(0, 0.28, 3)), 0.005, 0.6)
    object_colour = np.clip(np.exp(r.normal(-2.8, 0.9)) * np.exp(r.normal(0, 0.22, 3)), 0.01, 0.5)
    lip_depth = mesh.moved[head.mouth_row * head.columns + head.columns // 2, 2]
    vectors = (
        eye_vector(subject, shot),
        mouth_vector(subject, shot.actions, lip_depth),
        body_vector(subject, shot, hat_colour, object_colour),
        np.array([shot.camera.distance, TEXELS, *pose.back], float),
        skin.base,
    )
    shade(
        (cover.triangle, cover.second, cover.third),
        (
            mesh.faces,
            mesh.vertices,
            mesh.normals,
            mesh.soft_normals,
            mesh.occlusion,
            mesh.texels,
            mesh.neutral,
            mesh.moved,
            mesh.materials,
        ),
        skin.texture,
        lighting.lights,
        lighting.ambient,
        shadow.depth,
        shadow.transform,
        vectors,
        pose.turn,
        picture.image,
        picture.parts,
    )
