"""Faces: FaceSet, splits, publishers' adapters, rendered faces, alignment and packing."""
