"""Rotation tables: CLEANIR at every angle, matched as its paper did and attacked by who knows it."""
