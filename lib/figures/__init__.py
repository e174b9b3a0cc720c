"""One style for every picture of the book."""
