"""K-mers without vectors: tokens, vocabularies, spelling, composition."""
