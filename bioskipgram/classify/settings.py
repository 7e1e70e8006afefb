"""How a classifier is made."""

from dataclasses import dataclass

from bioskipgram.option import Config, option

CHOICES = ("auto", "yes", "no")
COSTS = (0.03, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2)
"""The values of C that are tried, ascending: how much an item's error counts."""


@dataclass(frozen=True, kw_only=True)
class ClassifyConfig(Config):
    """What is counted, and how it is chosen.

    Examples
    --------
    >>> ClassifyConfig(alphabet="protein", strands="yes")
    Traceback (most recent call last):
    ...
    bioskipgram.errors.ConfigError: strands: protein has no other strand; leave it off, or give \
nucleotides and the alphabet DNA or RNA
    """

    alphabet: str = option(
        "DNA", "letters of the sequences", choices=("DNA", "RNA", "protein"), advanced=True
    )
    strands: str = option(
        "auto",
        "whether a k-mer and its reverse complement are one: yes for sites on either strand, no "
        "where the strand is known; auto = what does better in folds of the training set",
        choices=CHOICES,
    )
    aligned: str = option(
        "auto",
        "whether k-mers at their exact position are counted too, for sequences of one length that "
        "are aligned to something, as promoters are; auto = if that does better in folds",
        choices=CHOICES,
    )
    gapped: str = option(
        "auto",
        "words with a gap: auto = two words of 4 letters with 1 to 6 between them, yes = 6 letters "
        "out of 8 in a row, too, which takes three times as long, no = none",
        choices=CHOICES,
    )
    memory: float = option(
        3.0, "memory for the tables of counts, GB", low=0.1, high=1000.0, advanced=True
    )
    seed: int = option(1, "random seed of the folds and of the fit", low=0, high=2**31 - 1)
    threads: int = option(
        0, "processor threads; 0 = all there are", low=0, high=1024, advanced=True
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.alphabet == "protein" and self.strands == "yes":
            from bioskipgram.sequences.alphabet import PROTEIN

            PROTEIN.check_strands("strands")
