"""The order in which papers are shown: pure functions of papers, counts, time and dates."""
