"""The pipeline: parameters, runner, results with provenance, stages, Sphinx extensions."""

from lib.book.chapter import Chapter as Chapter
