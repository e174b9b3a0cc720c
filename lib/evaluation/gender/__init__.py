"""Perceived gender in protected pictures (chapter 05): what judges and attackers read of it."""
