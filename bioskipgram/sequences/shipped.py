"""Real data files that ship with the package; their sources: bioskipgram/data/README.md."""

from pathlib import Path

DATA = Path(__file__).resolve().parents[1] / "data"
SAMPLE = DATA / "human_cds_sample.fa.gz"
"""726 complete human coding sequences of seven labelled families: what one can train on."""
GENES = DATA / "human_genes_emboss.fa.gz"
"""Complete coding sequences of 86 named human genes, five globins among them."""
BINDING = tuple(DATA / f"gue_tf0_{part}.csv.gz" for part in ("train", "dev", "test"))
"""Human DNA bound by a transcription factor or not: GUE's first task, train, dev and test."""
