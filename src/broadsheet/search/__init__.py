"""Finding papers by words and by meaning."""
