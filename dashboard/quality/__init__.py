"""The Quality page: what a model knows beyond its nulls."""
