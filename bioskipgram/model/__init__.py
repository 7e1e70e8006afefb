"""A trained model and the questions one can ask it."""
