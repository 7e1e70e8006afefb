"""The quality of a model."""
