"""Geometry of the head: surface, features, expressions, meshes."""
