"""Protections and the attackers who try to undo them."""
