"""Labels of genes: what records are, and what reference genes have in common."""
