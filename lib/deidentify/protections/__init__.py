"""Protections, one file per method, and how a set of faces is protected."""
