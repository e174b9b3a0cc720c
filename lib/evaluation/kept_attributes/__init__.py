"""What a face still tells after its identity half was turned: expression, attributes, age and pose."""
