"""Judges: detectors, recognisers and classifiers that measure, each with a model card."""
