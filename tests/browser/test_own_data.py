"""Questions about a user's own data, each answered on a cold page within three clicks."""

import time
from typing import Any

import numpy as np
import pytest

from bioskipgram.motifs.library import entry
from bioskipgram.sequences import fasta
from bioskipgram.sequences.shipped import GENES
from tests.browser.test_answers import visited
from tests.genes.test_beyond import recoded

pytestmark = pytest.mark.browser
CLICKS, SECONDS = 3, 60


class Visit:
    """A page that was just opened, and how often something was clicked, given or pasted."""

    def __init__(self, page: Any, address: str) -> None:
        self.page, self.clicks, self.began = page, 0, time.monotonic()
        page.goto(address)

    def click(self, name: str, role: str = "radio") -> None:
        # Segmented controls are radio buttons under a label.
        place = self.page.get_by_role(role, name=name, exact=True)
        place.click(force=role == "radio")
        self.clicks += 1

    def give(self, name: str, text: str) -> None:
        """Hand a file to an uploader."""
        inputs = self.page.locator("[data-testid=stFileUploader] input[type=file]")
        file = {"name": name, "mimeType": "text/plain", "buffer": text.encode()}
        inputs.first.set_input_files(file)
        self.clicks += 1

    def reads(self, *texts: str) -> None:
        """Wait for all of these on the page, within the limits."""
        for text in texts:
            self.page.get_by_text(text).locator("visible=true").first.wait_for()
        assert self.clicks <= CLICKS
        assert time.monotonic() - self.began <= SECONDS


@pytest.fixture(scope="module")
def warm(chromium: Any, address: str) -> None:
    visited(chromium, address)


def changed_globin() -> str:
    """HBB with a twelfth of its bases changed at third positions of codons."""
    genes = fasta.read(GENES)
    bases = list(genes.text(genes.names.index("HBB")))
    random = np.random.default_rng(1)
    for place in random.choice(np.arange(3, len(bases) - 3), len(bases) // 12, replace=False):
        if place % 3 == 2:
            bases[place] = "ACGT"[random.integers(4)]
    return f">mine\n{''.join(bases)}\n"


def with_sites(word: str, seed: int, records: int = 60) -> str:
    """Random records of 60 bases with a word in the middle of each."""
    random, lines = np.random.default_rng(seed), []
    for number in range(records):
        text = "".join(random.choice(list("ACGT"), 60))
        lines += [f">s{number}", text[:26] + word + text[26 + len(word) :]]
    return "\n".join(lines) + "\n"


def test_is_my_gene_a_globin_and_on_what_evidence(cold: Any, address: str) -> None:
    visit = Visit(cold, f"{address}/genes?model=human-cds-codon")
    cold.get_by_text("What is nearest to each record?").wait_for()
    cold.get_by_text("Records of mine").click()
    visit.clicks += 1
    visit.give("mine.fa", changed_globin())
    visit.reads("Globin (IPR000971)", "of held-out genes", "hemoglobin subunit")


def test_which_of_my_genes_are_alike_beyond_mash(cold: Any, address: str) -> None:
    genes = fasta.read(GENES)
    hbb = genes.text(genes.names.index("HBB"))
    given = [(genes.names[i], genes.text(i)) for i in range(4)] + [("HBB", hbb)]
    text = "".join(f">{name}\n{bases}\n" for name, bases in [*given, ("anew", recoded(hbb))])
    visit = Visit(cold, f"{address}/genes?model=human-cds-codon")
    cold.get_by_text("What is nearest to each record?").wait_for()
    cold.get_by_text("Records of mine").click()
    visit.clicks += 1
    visit.give("mine.fa", text)
    visit.reads("Alike beyond Mash: 1 of 15 pairs", "by chance")
    said = cold.locator("p").filter(has_text="Alike beyond Mash: 1 of 15 pairs").first
    assert "HBB and anew (protein words 0.00, Mash 0.55)" in said.inner_text()
    box = said.bounding_box()
    assert box["y"] + box["height"] < 900  # in the first screen


def test_where_gata1_is_in_my_sequences_beyond_chance(cold: Any, address: str) -> None:
    visit = Visit(cold, f"{address}/motifs?motif=GATA1+MA0035.5")
    cold.get_by_text("in 1,000 shuffles").wait_for()
    visit.click("Sequences of mine")
    motif = entry("GATA1 MA0035.5").motif
    assert motif is not None
    visit.give("mine.fa", with_sites(motif.consensus, 1))
    visit.reads("of 60 sequences", "More than by chance")


def test_which_motifs_tell_two_sets_of_sequences_apart(cold: Any, address: str) -> None:
    visit = Visit(cold, f"{address}/motifs?motif_view=In+one+set%2C+not+another")
    cold.get_by_text("Give the first set").wait_for()
    visit.give("first.fa", with_sites("TGATAAGG", 1))
    cold.get_by_role("button", name="Change").wait_for()  # the first input is one line now
    visit.give("second.fa", with_sites("", 2))
    visit.click("Find motifs", "button")
    visit.reads("the sets apart, confirmed by sequences held out", "Held out:")


def test_what_the_sickle_cell_change_does(cold: Any, address: str) -> None:
    visit = Visit(cold, f"{address}/variants")
    visit.reads("p.Glu7Val", "of the like substitutions of human genes")


def test_the_worst_of_two_hundred_variants(cold: Any, address: str) -> None:
    genes = fasta.read(GENES)
    text = genes.text(genes.names.index("HBB"))
    rows = [f"HBB\t{at}\t.\t{text[at - 1]}\t{'A' if text[at - 1] != 'A' else 'C'}"
            for at in range(4, 204)]  # fmt: skip
    visit = Visit(cold, f"{address}/variants")
    cold.get_by_text("p.Glu7Val").first.wait_for()
    visit.give("clinvar.vcf", "##fileformat=VCFv4.2\n" + "\n".join(rows) + "\n")
    visit.reads("200 variants", "stop gained, p.Trp16Ter")
