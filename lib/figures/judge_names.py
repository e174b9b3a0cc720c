"""Names of judges of perceived gender as pages write them."""

from __future__ import annotations

GROUPS = {
    "trained": "classifier of training",
    "unseen": "unseen classifier",
    "published": "published classifier",
    "attacker": "attacker",
}
"""First word of a judge's name in results -> the group that it belongs to."""
_WORDS = {
    "gender": "plain network",
    "residual": "residual network",
    "patch": "patch network",
    "finetuned": "trained before",
    "sign": "reads the map's sign",
    "mini_xception": "mini Xception",
    "mobilenet025": "MobileNet 0.25",
    "plain_cnn": "plain CNN",
    "ssrnet_imdb": "SSR-Net, IMDB",
    "ssrnet_wiki": "SSR-Net, WIKI",
    "tinyxception": "tiny Xception",
}


def judge_name(key: str) -> str:
    """Name of a judge in words: `unseen_patch` as `unseen: patch network`; others lose their underscores."""
    group, _, rest = key.partition("_")
    if group not in GROUPS:
        return key.replace("_", " ")
    if group == "trained":
        return GROUPS[group]
    name, _, number = rest.rpartition("_")
    again = f", training {number}" if number.isdigit() and name else ""
    rest = name if again else rest
    return f"{group}: {_WORDS.get(rest, rest.replace('_', ' '))}{again}"
