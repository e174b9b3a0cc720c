"""Plumbing of the book: parameters, runner, results with provenance, DVC stages, HTML build and checks."""

from lib.book.chapter import Chapter as Chapter
