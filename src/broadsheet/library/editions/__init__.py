"""Editions and what trends: papers of a time in their order, and why there are none."""
