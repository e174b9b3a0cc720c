"""Hair: styles, growth of strands, drawing them."""
