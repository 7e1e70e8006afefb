"""The Classify page: classes of sequences told apart by their k-mers."""
