"""Exact counts of k-mers and of pairs of k-mers."""
