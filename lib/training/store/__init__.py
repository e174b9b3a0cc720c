"""Trained networks on disk: weights, the model store, model cards, release."""
