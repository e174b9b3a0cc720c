"""Skin texture of rendered subjects."""
