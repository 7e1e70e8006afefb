"""Sequence variants: reading, consequence, score."""
