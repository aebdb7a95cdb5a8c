"""From an environment and a design to a linear or mixed-integer program, and back to a mechanism."""
