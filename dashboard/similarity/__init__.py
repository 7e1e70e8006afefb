"""The Similarity page."""
