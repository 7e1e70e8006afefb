"""Typed arrays, the n best, statistics and work in parts: what every other folder computes with."""
