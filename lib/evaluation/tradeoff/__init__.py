"""What is hidden, and what it costs: attackers who own the weights, who grow, who read copies; matchers."""
