"""CLEANIR: faces split into identity and attributes, painted again with another identity."""
