"""Whole sequences: one vector per record, compared, placed and drawn."""
