"""Clips: every face of every frame altered, each person followed through the clip."""
