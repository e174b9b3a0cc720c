"""Attackers who know the method: on embeddings and on images."""
