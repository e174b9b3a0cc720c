"""Figures and tables of the book: results in, matplotlib figures, pictures and tables out."""
