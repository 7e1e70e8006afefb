"""What a run can learn: settings that are known to work, and what a setting is called here."""

from dataclasses import dataclass, field, fields
from typing import Any

from bioskipgram.config import TrainConfig

CUSTOM = "Custom"


@dataclass(frozen=True)
class Preset:
    """A kind of run: in one sentence what it gives, and the settings that are not the default."""

    about: str
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def config(self) -> TrainConfig:
        """All its settings."""
        return TrainConfig.from_dict(self.settings)


PRESETS = {
    "6-mers, frame-aware": Preset(
        "Coding sequences. Contexts are whole codons away and share no base, so that vectors learn "
        "codons and not shared letters.",
        {"k": 6, "dim": 16, "contexts": "frame-apart"},
    ),
    "Codons": Preset(
        "Coding sequences read codon by codon: 64 vectors, in seconds.",
        {"k": 3, "stride": 3, "dim": 16, "steps": 1000, "remove_components": 1},
    ),
    "word2vec as in the paper": Preset(
        "Any DNA. 6-mers at every base, 300 dimensions, up to 5 on each side as context, 5 "
        "negative samples, k-mers above a share of 0.00001 thinned out (Mikolov et al. 2013).",
        {"k": 6, "dim": 300, "trainer": "sampled", "subsample": 1e-5},
    ),
    "dna2vec": Preset(
        "Any DNA. Words of 3 to 8 bases in one space (Ng 2017). Takes longest.",
        {"k": 8, "k_min": 3, "window": 10, "trainer": "sampled", "epochs": 10, "subsample": 1e-3,
         "min_count": 5},
    ),
    "Proteins": Preset(
        "Protein sequences. Words of 3 residues at every position, 25 on each side as context. "
        "ProtVec (Asgari & Mofrad 2015) has these settings, but reads the words end to end.",
        {"alphabet": "protein", "k": 3, "window": 25},
    ),
}  # fmt: skip
"""What to learn. The settings of others are theirs, the learning rates this program's:

- Mikolov et al. 2013, arXiv:1310.4546: 300 dimensions, a context of 5, 5 to 20 negative samples for
  small corpora, noise to the power 3/4, a threshold of about 1e-5.
- dna2vec: its ``configs/hg38-20161219-0153.yml`` (3 to 8 bases, 100 dimensions, context 10, 10
  epochs) and ``scripts/train_dna2vec.py`` (skip-gram of gensim, at least 5 occurrences, gensim's 5
  negative samples and threshold 1e-3).
- ProtVec, doi:10.1371/journal.pone.0141287: words of 3 residues, 100 dimensions, a context of 25.
"""
LABELS = {
    "k": "K-mer length",
    "stride": "Step from k-mer to k-mer",
    "frame": "Letters skipped at the start",
    "k_min": "Shortest word",
    "canonical": "One vector for a k-mer and its reverse complement",
    "both_strands": "Learn from both strands",
    "alphabet": "Letters of the sequences",
    "dim": "Dimensions of the vectors",
    "window": "Context, k-mers each side",
    "contexts": "Which k-mers are context",
    "negatives": "Negative samples per pair",
    "noise_power": "Noise: counts to this power",
    "subsample": "Thin out k-mers above this share",
    "min_count": "Fewest occurrences of a k-mer",
    "trainer": "Training method",
    "steps": "Training steps",
    "epochs": "Passes over the sequences",
    "batch": "Pairs per step",
    "shared_negatives": "Share negatives within a context window",
    "learning_rate": "Highest learning rate",
    "l2": "Penalty on long vectors (L2)",
    "remove_components": "Leading components removed",
    "seed": "Random seed",
    "threads": "Processor threads",
    "device": "Processor",
}
"""What a page calls the settings."""
ZEROS = {
    "k_min": "all words have one length",
    "subsample": "off",
    "steps": "until the loss hardly falls",
    "learning_rate": "automatic",
    "l2": "off",
    "threads": "all there are",
}
"""What 0 means, where it is no number."""
MAIN = ("k", "stride", "dim", "window", "contexts", "negatives", "steps", "seed")
EXTRA = tuple(name for name in LABELS if name not in MAIN)


def told(name: str, value: object) -> str:
    """Return a setting in words: "Training steps: until the loss hardly falls"."""
    shown = ZEROS.get(name) if value == 0 and not isinstance(value, bool) else None
    if isinstance(value, bool):
        shown = "yes" if value else "no"
    return f"{LABELS.get(name, name)}: {shown or value}"


def changed(settings: dict[str, Any]) -> list[str]:
    """Return in words the settings that a reader needs: the main ones, and what is unusual."""
    usual = {spec.name: spec.default for spec in fields(TrainConfig)}
    names = ["k", "dim", "window"]
    names += [n for n in LABELS if n not in names and settings.get(n, usual[n]) != usual[n]]
    return [told(name, settings.get(name, usual[name])) for name in names]


def name_of(settings: dict[str, Any]) -> str:
    """Return the preset that has these settings, whatever the seed and the machine; else Custom."""
    free = {"seed": 1, "threads": 0, "device": "auto"}
    for name, preset in PRESETS.items():
        if vars(preset.config) | free == settings | free:
            return name
    return CUSTOM
