"""Hair of rendered subjects: choice of style, growth of strands, drawing."""
