"""Tables, courses and words of chapter 07, from its results."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from lib.faces.faceset import FaceSet
from lib.faces.titles import title
from lib.measures.estimate import Estimate, as_estimate

TERMS: Mapping[str, str] = {
    "reconstruction": "reconstruction, excess nats",
    "divergence": "divergence, nats",
    "identity": "identity, 1 − cos",
    "leak": "leak, 1 − cos",
}
"""Term of the loss -> what stands above its chart."""
CHANCE: Mapping[str, float] = {
    "reconstruction": np.nan, "divergence": np.nan, "identity": 1.0, "leak": 1.0,
}  # fmt: skip
"""Term -> its value where nothing is known; NaN: it has none."""
CHANCE_OF_SOURCE = {name: CHANCE[name] for name in ("reconstruction", "divergence", "identity")}
"""The same of the terms that the source has."""
RECIPES: Mapping[str, str] = {"source": "paper's losses", "ours": "ours"}
"""Training -> what a table calls it; others keep their names."""
NOT_YET = "On photographs this has not been measured yet."


MEASURES: Mapping[str, tuple[str, str]] = {
    "psnr": ("PSNR of the reconstruction, dB", ".1f"),
    "reconstruction_excess_nats": ("cross-entropy above the picture's own, nats", ",.0f"),
    "cosine_distance": ("identity half to embedding, 1 − cos", ".2f"),
    "identity_auc": ("same subject? from identity halves, AUC", ".3f"),
    "attributes_auc": ("same subject? from attribute halves, AUC", ".3f"),
    "shows_donor": ("swapped face shows the donor, share", ".2f"),
}
"""Figure of `ReadHalves` -> what a table calls it, and its format."""


def halves_table(figures: Mapping[str, Mapping[str, Estimate]]) -> pd.DataFrame:
    """Table for a page: a row for each of MEASURES, a column for each training.

    Parameters
    ----------
    figures : training, in words -> figures of `ReadHalves`, or results that keep them.
    """
    rows = [
        {"measure": words}
        | {name: f"{as_estimate(one[key]):{form}}" for name, one in figures.items() if key in one}
        for key, (words, form) in MEASURES.items()
    ]
    return pd.DataFrame(rows)


def leak_words(figures: Mapping[str, Estimate], near: float = 0.6) -> str:
    """What the attributes' half still says of who it is, in a clause.

    Parameters
    ----------
    near : AUC below which, with its whole interval, it is called hardly anything.
    """
    found = as_estimate(figures["attributes_auc"])
    if found.high < near:
        return f"hardly tells subjects apart (AUC {found:.2f})"
    if found.low > near:
        return f"still tells subjects apart (AUC {found:.2f})"
    return f"may still tell subjects apart a little (AUC {found:.2f})"


def course(table: pd.DataFrame, faces: FaceSet, watched: np.ndarray) -> pd.DataFrame:
    """A history whose reconstruction counts from the pictures' own entropy, that of the validation images.

    Parameters
    ----------
    table : of a `History`. faces, watched : rows that were looked at after every epoch.
    """
    floor = float(own_entropy(faces.images[watched]).mean())
    names = [name for name in ("reconstruction", "val_reconstruction") if name in table]
    return table.assign(**{name: table[name] - floor for name in names})


def own_entropy(images: np.ndarray) -> np.ndarray:
    """Cross-entropy of images with themselves, nats an image, (N,).

    Parameters
    ----------
    images : uint8 (N, H, W, C).
    """
    share = np.arange(256) / 255
    inner = np.clip(share, 1e-9, 1 - 1e-9)
    nats = -(share * np.log(inner) + (1 - share) * np.log(1 - inner))
    return np.asarray(nats[images].reshape(len(images), -1).sum(axis=1))


def in_both_worlds(
    own: Mapping[str, Mapping[str, Any]], real: Mapping[str, Mapping[str, Any]]
) -> dict[str, Mapping[str, Any]]:
    """Figures of the two recipes of the page, here and on photographs, by the column of a table.

    Parameters
    ----------
    own, real : set -> training -> figures; `real` may be empty.
    """
    return {
        f"{words}, {title(name)}": by[recipe]
        for values in (own, real)
        for name, by in values.items()
        for recipe, words in RECIPES.items()
        if recipe in by
    }


def recipes_table(kept: Mapping[str, Mapping[str, Mapping[str, Estimate]]]) -> pd.DataFrame:
    """Figures of all trainings: `set`, `recipe`, `measure`, `estimate`, `low`, `high`, `n`."""
    return pd.DataFrame(
        [
            {"set": name, "recipe": recipe, "measure": measure}
            | {part: getattr(figure, part) for part in ("estimate", "low", "high", "n")}
            for name, by in kept.items()
            for recipe, figures in by.items()
            for measure, figure in figures.items()
        ]
    )


def page_words(
    own: Mapping[str, Mapping[str, Estimate]], real: Mapping[str, Mapping[str, Any]]
) -> dict[str, str]:
    """Figures and clauses that the text quotes.

    Parameters
    ----------
    own : training -> figures on the page's faces. real : set -> training -> figures, may be empty.
    """
    words: dict[str, str] = {}
    for recipe in RECIPES:
        one = own[recipe]
        words |= {
            f"{recipe}_psnr": f"{one['psnr']:.1f}",
            f"{recipe}_distance": f"{one['cosine_distance']:.2f}",
            f"{recipe}_donor": f"{one['shows_donor']:.0%}",
            f"{recipe}_leak": leak_words(one),
        }
    return words | {"photographs": photograph_words(real)}


def photograph_words(real: Mapping[str, Mapping[str, Any]], name: str = "celeba") -> str:
    """What was found on photographs, in a sentence."""
    by = real.get(name, {})
    if not set(RECIPES) <= set(by):
        return NOT_YET
    source, ours = (by[recipe] for recipe in RECIPES)
    return (
        f"On photographs of {title(name)}, swapped faces show the donor in "
        f"{as_estimate(source['shows_donor']):.0%} of the cases with the paper's losses and in "
        f"{as_estimate(ours['shows_donor']):.0%} with ours, whose attributes' half {leak_words(ours)}."
    )


def cosine_words(means: Mapping[str, float]) -> dict[str, str]:
    """Mean cosines of `read_halves.cosine_means`, as `raw_cosine`."""
    return {f"{name}_cosine": f"{value:z.2f}" for name, value in means.items()}
