"""Small real FASTA files that ship with the package; README.md says where they come from."""

from pathlib import Path

SAMPLE = Path(__file__).with_name("human_cds_sample.fa.gz")
"""726 complete human coding sequences of seven labelled families: what one can train on."""
GENES = Path(__file__).with_name("human_genes_emboss.fa.gz")
"""Complete coding sequences of 86 named human genes, five globins among them."""
