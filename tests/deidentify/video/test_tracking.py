"""Who is who: by place while that is clear, by the recogniser after it was not."""

import numpy as np
import pytest

from lib.deidentify.video.placements import BRIDGED, LINGER, LINGERING, SEEN, placements
from lib.deidentify.video.sightings import Sightings, settled
from lib.deidentify.video.tracking import persons
from lib.faces.detections import Detections
from tests.exact import exactly

ANNA, BERT = np.array([1.0, 0, 0]), np.array([0, 1.0, 0])
UNKNOWN = np.full(3, np.nan)


def seen(*faces, frames=None, recognised=True) -> Sightings:
    """Sightings (frame, x, who) of faces of 40 px at the height 50."""
    faces = sorted(faces, key=lambda one: one[0])
    x = np.array([one[1] for one in faces], float).reshape(-1, 1)
    boxes = np.concatenate([x - 20, x * 0 + 30, x + 20, x * 0 + 70], 1)
    points = np.repeat(np.concatenate([x, x * 0 + 50], 1)[:, None], 5, 1) + np.arange(5)[:, None]
    number = np.array([one[0] for one in faces], int)
    frames = frames or number.max() + 1
    codes = np.array([one[2] for one in faces]) if recognised else np.zeros((len(faces), 0))
    return Sightings(
        number, boxes, points, x[:, 0] * 0 + 1, codes, np.arange(frames) / 25, np.zeros(frames, bool)
    )


def crossing():
    """Anna goes to the right, Bert to the left; they meet in frame 15."""
    return [(n, 50 + 10 * n, ANNA) for n in range(31)] + [(n, 350 - 10 * n, BERT) for n in range(31)]


@pytest.mark.parametrize("recognised", [True, False])
def test_two_persons_who_cross(recognised):
    found = seen(*crossing(), recognised=recognised)
    who = persons(found, 12)
    anna = np.array([(code == ANNA).all() for code in seen(*crossing()).embeddings])
    clear = np.abs(found.frame - 15) > 4
    assert set(who) == {1, 2}
    assert len(set(who[anna & clear])) == 1 and len(set(who[~anna & clear])) == 1
    for number in range(31):
        assert len(set(who[found.frame == number])) == 2, "nobody has two faces"


def test_two_who_meet_and_turn_back_need_the_recogniser():
    """By place alone they are exchanged: each goes on where the other would."""
    faces = [(n, 50 + 10 * min(n, 28 - n), ANNA) for n in range(29)]
    faces += [(n, 350 - 10 * min(n, 28 - n), BERT) for n in range(29)]
    told = seen(*faces)
    anna, clear = (told.embeddings == ANNA).all(1), np.abs(told.frame - 14) > 5
    who = persons(told, 12)
    assert len(set(who[anna & clear])) == 1 and len(set(who[~anna & clear])) == 1 and who[0] != who[1]


def test_who_comes_back_is_the_same_where_a_recogniser_says_so():
    faces = [(n, 50, ANNA) for n in range(10)] + [(n, 300, ANNA) for n in range(60, 70)]
    assert set(persons(seen(*faces), 12)) == {1}
    assert set(persons(seen(*faces, recognised=False), 12)) == {1, 2}
    other = faces[:10] + [(n, 50, BERT) for n in range(60, 70)]
    assert persons(seen(*other), 12).tolist() == [1] * 10 + [2] * 10


def test_nobody_is_in_two_places_at_once():
    faces = [(n, x, ANNA) for n in range(10) for x in (50, 200)]  # twins, to the recogniser
    who = persons(seen(*faces), 12)
    assert set(who) == {1, 2} and len(set(who[::2])) == 1


def test_faces_that_were_not_recognised_follow_their_place():
    faces = [(n, 50 + n, ANNA if n == 0 else UNKNOWN) for n in range(20)]
    assert set(persons(seen(*faces), 12)) == {1}


def test_a_short_gap_is_bridged_and_a_long_one_is_not():
    faces = [(n, 50 + n, ANNA) for n in [*range(10), *range(16, 30), *range(60, 70)]]
    found = seen(*faces, frames=80)
    who = persons(found, 12)
    assert set(who) == {1}
    where = placements(found, who, 12)
    kind = {int(one): int(k) for one, k in zip(where.frame, where.kind, strict=True)}
    assert all(kind[n] == BRIDGED for n in range(10, 16)) and kind[16] == SEEN
    np.testing.assert_allclose(where.of(13).points[0, 0], [63, 50], atol=1e-6)
    assert [n for n in range(30, 60) if n in kind] == [*range(30, 30 + LINGER), *range(60 - LINGER, 60)]
    assert [n for n in range(70, 80) if n in kind] == [*range(70, 70 + LINGER)]
    assert exactly(where.of(31).kind.tolist(), [LINGERING], because="names") and not where.of(31).shown
    assert where.of(13).shown and not len(where.of(40))


def test_even_movement_is_not_smoothed_away_and_trembling_is():
    faces = [(n, 50 + 3 * n, ANNA) for n in range(20)]
    found = seen(*faces)
    even = placements(found, persons(found, 12), 12)
    np.testing.assert_allclose(even.points[np.isin(even.kind, SEEN)], found.points)
    shaken = [(n, 50 + 2 * (n % 2), ANNA) for n in range(20)]
    found = seen(*shaken)
    calm = placements(found, persons(found, 12), 12)
    x = calm.points[np.isin(calm.kind, SEEN)][1:-1, 0, 0]
    assert np.ptp(x) < 0.1 < np.ptp(found.points[:, 0, 0])


def test_nothing_lingers_where_another_face_is_seen():
    faces = [(n, 50, UNKNOWN) for n in range(10)] + [(n, 52, ANNA) for n in range(10, 20)]
    found = seen(*faces)
    where = placements(found, np.repeat([1, 2], 10), 12)
    assert np.isin(where.kind, SEEN).all()


def test_when_it_goes_without_saying_who_is_who():
    def at(*xs):
        boxes = np.array([[x - 20, 30, x + 20, 70] for x in xs], float).reshape(-1, 4)
        return Detections(boxes, np.zeros((len(xs), 5, 2)), np.ones(len(xs)))

    assert settled(at(50, 200), at(52, 198))
    assert not settled(at(50), at(52, 198)), "another one came"
    assert not settled(at(50, 200), at(52, 90)), "they are near each other"
    assert not settled(at(50), at(120)), "it jumped"
