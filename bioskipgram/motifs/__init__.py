"""Motifs: matrices, their files, scanning, discovery and enrichment."""
