"""Rendered subjects: measures, looks, expression habits."""
