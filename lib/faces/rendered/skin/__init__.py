"""Skin painted into the head's grid."""
