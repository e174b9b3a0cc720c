"""Batches and augmentations."""
