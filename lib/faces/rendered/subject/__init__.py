"""A rendered subject: measures, looks, expression strengths."""
