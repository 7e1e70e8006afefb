"""The Motifs page."""
