"""Sequence files and the records read from them."""
