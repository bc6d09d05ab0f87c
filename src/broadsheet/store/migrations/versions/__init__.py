"""One module for each step, numbered; a step never changes once it is released."""
