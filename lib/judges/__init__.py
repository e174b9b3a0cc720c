"""Networks that measure: detectors, recognisers, classifiers, each with its card."""
