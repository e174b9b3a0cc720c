"""Adapters of data sets, one file per publisher: each `read` returns a Source of images and labels."""
