"""Trained networks on disk: weights files, model store, model cards, release."""
