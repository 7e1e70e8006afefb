"""Sets of k-mers: clusters, logos, properties, enrichment."""
