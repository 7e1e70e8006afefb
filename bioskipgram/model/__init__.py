"""A trained model, and queries of it."""
