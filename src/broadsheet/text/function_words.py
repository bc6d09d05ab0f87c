"""English words that hold a sentence together and say nothing of what it is about."""

from typing import Final

FUNCTION_WORDS: Final = frozenset((
    "a", "an", "and", "are", "as", "at", "be", "but", "by", "can", "do", "does", "for", "from", "has", "have", "how",
    "in", "into", "is", "it", "its", "not", "of", "on", "or", "our", "such", "that", "the", "their", "then", "there",
    "these", "they", "this", "to", "was", "we", "were", "what", "when", "where", "which", "while", "who", "why", "will",
    "with",
))  # fmt: skip
