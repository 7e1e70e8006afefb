"""The trainers: sequences and settings in, an embedding out. Only this package imports torch."""
