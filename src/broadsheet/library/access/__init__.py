"""Who is asking: sessions, links that sign in, passwords, tokens of programs. Secrets are kept as hashes only."""
