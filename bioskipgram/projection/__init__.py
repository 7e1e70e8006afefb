"""Projections of vectors to two or three dimensions: PCA, t-SNE, UMAP."""
