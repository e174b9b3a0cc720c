"""Measures as pure functions: NumPy arrays in, frozen dataclasses out."""
