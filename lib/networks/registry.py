"""Architectures by the `kind` under which trained networks are stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import keras

from lib.registry import Registry

ARCHITECTURES: Mapping[str, Callable[..., keras.Model]] = Registry(
    {
        "autoencoder": "lib.networks.san:SanAutoencoder",
        "cleanir_decoder": "lib.networks.cleanir:cleanir_decoder",
        "cleanir_encoder": "lib.networks.cleanir:cleanir_encoder",
        "face_reader": "lib.networks.face_reader:face_reader",
        "gender_classifier": "lib.networks.gender_classifier:gender_classifier",
        "generator": "lib.networks.face_decoder:face_decoder",
        "matcher": "lib.networks.matcher:matcher",
        "patch_classifier": "lib.networks.classifiers:patch_classifier",
        "patch_matcher": "lib.networks.matcher:patch_matcher",
        "residual_classifier": "lib.networks.classifiers:residual_classifier",
        "restorer": "lib.networks.restorer:restorer",
        "transformer_classifier": "lib.networks.classifiers:transformer_classifier",
    }
)
"""Kind -> function of settings that builds the network; register a new architecture here, and nowhere else.

A literal and no decorator: the code hash of a stage counts the modules of those kinds alone that its chapter
names, so another architecture makes nothing stale. Files of trained networks hold the kind: never rename one.
"""
