"""The words that people read, from one catalogue: what the code says in English, `xx.po` says in the language xx."""
