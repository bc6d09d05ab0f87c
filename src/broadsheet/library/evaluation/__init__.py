"""Measuring by the same calls that serve readers, beside known ways."""
