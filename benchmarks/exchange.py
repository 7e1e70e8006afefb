"""Exported models opened by the programs they are for, which are not among the test tools.

    python -m benchmarks.exchange PYTHON

PYTHON is an interpreter that has scanpy, tensorboard, embedding-atlas and gensim, or
as many of them as could be installed. Each opens what `bioskipgram export` wrote; a line a program
says what it saw.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

TRIALS = {
    "gensim": """
from gensim.models import KeyedVectors
for name, binary in (("codons.txt", False), ("codons.bin", True)):
    print(name, KeyedVectors.load_word2vec_format(name, binary=binary).most_similar("GAA", topn=3))
""",
    "scanpy": """
import matplotlib; matplotlib.use("agg")
import scanpy as sc
data = sc.read_h5ad("codons.h5ad")
sc.pl.embedding(data, "tsne", color=["amino acid", "GC content"], show=False)
sc.pp.neighbors(data, use_rep="X"); sc.tl.umap(data)
print(data.shape, sorted(data.obsm), "plotted; its own neighbours and UMAP computed")
""",
    "tensorboard": """
from types import SimpleNamespace
from tensorboard.plugins.projector import projector_plugin as p
context = SimpleNamespace(logdir="projector", data_provider=None, multiplexer=None)
reader = p.ProjectorPlugin(context)
configs, paths = reader._read_latest_config_files([(".", "projector")])
embedding = configs["."].embeddings[0]
found = p._read_tensor_tsv_file(p._rel_to_abs_asset_path(embedding.tensor_path, paths["."]))
print(found.shape, embedding.metadata_path)
""",
    "embedding_atlas": """
import duckdb, pandas, inspect
from embedding_atlas import cli
frame = cli.load_datasets(["codons.parquet"])
print(frame.shape, [c for c in frame.columns if c.startswith("projection") or c == "neighbors"],
      duckdb.sql("select kmer from frame order by projection_x limit 1").fetchall())
""",
}
FORMATS = {
    "codons.txt": "word2vec", "codons.bin": "word2vec-binary", "codons.h5ad": "h5ad",
    "codons.parquet": "parquet", "projector": "projector",
}  # fmt: skip


def main() -> None:
    """Export, then let each program read."""
    python = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        for name, form in FORMATS.items():
            words = ["export", "human-cds-codon", f"--to={form}", f"--out={Path(folder, name)}"]
            subprocess.run(
                [sys.executable, "-m", "bioskipgram", *words], check=True, capture_output=True
            )
        for program, trial in TRIALS.items():
            done = subprocess.run(
                [python, "-c", trial], cwd=folder, capture_output=True, text=True, check=False
            )
            lines = (done.stdout if done.returncode == 0 else done.stderr).strip().splitlines()
            print(f"{program}: {'opened' if done.returncode == 0 else 'FAILED'}")
            print("\n".join(f"    {line}" for line in lines[-3:]))


if __name__ == "__main__":
    main()
