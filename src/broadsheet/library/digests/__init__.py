"""Digests: how readers want them, what goes into them, making each once, and what readers do with them."""
