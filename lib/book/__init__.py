"""The pipeline: parameters, runner, results with provenance, stages, Sphinx extensions."""
