"""Matching: altered photos compared with other photos of the same subjects, by every matcher on every set."""
