"""The help of every page, one screen each, and the guided examples; the text stands here alone.

The author of a page edits its entry of `PAGES`: what the page answers, how it is read, what it
cannot say. A step of a guide is a text and the address of the page it speaks of.
"""

from dataclasses import dataclass, field

import streamlit as st

from dashboard.shared import link

GUIDE = "guide"
"""The query parameter that holds the step of a guided example: "sickle-2"."""
PAGES = {
    "explore": """
**Which k-mers occur in the same places?** Each dot is a k-mer; near dots were seen in similar
contexts in the training sequences.

- **Click** a dot, a cluster in the list or draw a lasso: the card beside the map says what it is.
  Neighbours of a k-mer light up with their cosines; **not spelling** leaves out the trivial ones.
- **Find** takes a k-mer (`ATGAAA`), a pattern (`CGNCG`) or a regular expression (`/^CG/`).
- The keys on the map: names T, contours D, legend G, isolate what is lit O, lasso L, clear Escape.
- **Colour by** a property, or by the similarity to what you have chosen.
- **Keep** puts a set of k-mers into the basket; the overview compares two of them.
- **Clusters, filters**: cluster anew, and histograms whose handles filter the map and each other.

Read the map with care: near dots are alike, but distances between far groups mean little, and much
of nearness is spelling (the sentence beside the map says how much). Trust a group when its card
shows a property that its spelling alone does not give.
""",
    "similarity": """
**What is near this k-mer, pattern or sequence?** Neighbours are found in the full space, not on the
map, and ordered by their cosine: 1 = the same direction, 0 = nothing in common.

- A k-mer asks for itself, a pattern for the mean of all that match, a longer sequence for the mean
  of its k-mers, `AAA + CCC - GGG` for a sum. Two, with a comma between, are compared.
- A sequence is also a **strip** under the map, each k-mer at its first letter: point at it to find
  the k-mer on the map, and at the map to find it in the sequence.
- **Relation** says how a neighbour is spelt: shifted by some bases, one base changed, or otherwise.
  Shifts and changes are near in any model; **hide** them to see what the model has learnt.
- The share that chance gives stands beside each share: only what is beyond it means something.
""",
    "genes": """
**What are my genes, and which are alike?** A gene's vector is a mean over its k-mers; its cosine to
another says whether both use the same k-mers in the same contexts.

- Start with the example, or give FASTA, GenBank or EMBL. **What is it?** names the nearest human
  genes by three measures: vectors, DNA words and protein words. Where all agree the genes are
  related; where only the vectors say so, they share composition (codon use, GC content).
- **Labels** (domains, relatives) are those of the nearest genes. A reliability of 80 % means that
  such a label was right for 80 % of the genes that were held out to measure it.
- On the **map**, colour the reference genes, and draw a lasso for what some have in common.
- A percentile says how many random pairs of human genes are less alike.
""",
    "motifs": """
**Where is my motif, or what motifs are in these?** Give a pattern, a matrix (JASPAR, MEME,
TRANSFAC) or one of the library; or two sets of sequences to find what tells them apart.

- Hits along sequences are counted beside those in 1,000 shuffles: of codons in coding sequence,
  else of pairs of bases. Few more than the shuffles give mean nothing, whatever a single score.
- A motif found anew is confirmed by sequences that were held out of the search; it may be a binding
  site, or anything else that differs between the sets.
- Among k-mers, a matrix lights those that it matches; a long matrix matches only in parts.
""",
    "variants": """
**What does this change do to the protein, and to the k-mers around it?** Give HGVS
(`HBB:c.20A>T`), a list, or a VCF over the coding sequences.

- Read the **consequence** first: missense, stop gained, frameshift. It follows from the sequence
  alone.
- The **score** says how much better or worse the changed k-mers fit their neighbours than the old
  ones do. It is association of contexts in the training sequences, **not pathogenicity**.
- Its **percentile** is among changes of the same kind in other genes: 50 = nothing special.
""",
    "classify": """
**Which class is a sequence of, and which k-mers say so?** Give a table of sequence and label, or a
FASTA file for each class; or take an example.

- **Leaks come first**: copies, items that share a long word, length and GC. Where items are related
  only the score in grouped folds counts; the one in random folds flatters.
- Read MCC beside its interval and the grey bars: what length, GC, 6-mers and shuffled labels give.
- **What drives it**: motifs of the stretches that speak most for the class, and words.
- Bars along a sequence sum to its log odds: the classifier is linear.

It cannot say why: a k-mer that tells the classes apart need not be what the protein binds.
""",
    "train": """
**Learn vectors from your own sequences.** Give FASTA, GenBank or EMBL, choose settings, press
Start. The run goes on when this page is closed; its model appears in the picker above.

- **What to learn** is a choice of settings that are known to work; **Custom** shows every setting.
  Time and memory are measured on this machine and said beside Start.
- **Learnt** is how far the loss fell from vectors of zeros towards the optimum, the least that
  vectors of any number of dimensions can reach. It compares between runs; the loss does so only
  for the same words, contexts and negative samples.
- **Compare with** draws the curves of several runs, and of two all that differs.
- A small gap says that the counts are fitted well, **not** that they mean something: the page
  Quality compares the model with the same training on shuffled sequences.
""",
    "quality": """
**Is this model any good, or is it spelling?** Every measure stands beside its nulls: the same
training on shuffled sequences, other seeds, and rules that learn nothing.

- What is no better than the best null was not learnt, however high it is.
- The verdict follows from the numbers by the rule that is stated beside it.
- **More than its null** lists the k-mers whose contexts shuffling does not explain.
- **Directions** names what single directions of the vectors follow, the k-mers at their ends and
  what is lost without them; its switches compare without the mean, leading components or lengths.
- **Two models** lays one map over another and lists the k-mers that changed most; **Species** does
  so for the codons of human, yeast and E. coli.
""",
}
"""Address of a page -> its help, Markdown."""


SPELT = ["shift", "substitution"]
"""Relations of neighbours that are spelt alike."""


@dataclass(frozen=True)
class Step:
    """One step of a guide: a text, and the page with the settings that show it."""

    text: str
    page: str
    settings: dict[str, str | list[str]] = field(default_factory=dict)


GUIDES: dict[str, tuple[str, tuple[Step, ...]]] = {
    "globins": (
        "HBB and its family",
        (
            Step(
                "The example holds the five genes of the beta-globin cluster and 20 others. Each "
                "was turned into one vector, the mean over its codons.",
                "genes", {"model": "human-cds-codon"},
            ),
            Step(
                "The nearest record and human gene of each. Look at the row of **HBB**: which gene "
                "is nearest, and do Mash distance and protein words say the same?",
                "genes", {"model": "human-cds-codon", "genes": "Nearest"},
            ),
            Step(
                "**Answer:** the vectors put HBB beside HBD and the other globins, and so do "
                "measures that need no model: these genes are a family. The tree shows it whole.",
                "genes", {"model": "human-cds-codon", "genes": "Tree"},
            ),
        ),
    ),
    "cpg": (
        "CpG in coding sequence",
        (
            Step(
                "C before G is rare in human genes, because methylated C mutates to T. The colour "
                "shows where the k-mers with CpG lie: not scattered, but together.",
                "explore", {"model": "human-cds-k6", "colour": "CpG"},
            ),
            Step(
                "**CGNCG** finds k-mers with two CpG. Their card says what sets them apart.",
                "explore", {"model": "human-cds-k6", "colour": "CpG", "find": "CGNCG"},
            ),
            Step(
                "The neighbours of ACGACG without those that are spelt alike. **Answer:** nearly "
                "all hold CpG, although their spelling does not ask for it. Of all 6-mers with CpG "
                "61 % of such neighbours do, of those without 8 %: CpG stands beside CpG.",
                "similarity",
                {"model": "human-cds-k6", "similar_to": "ACGACG", "hide": SPELT},
            ),
        ),
    ),
    "sickle": (
        "The sickle-cell variant",
        (
            Step(
                "Sickle-cell disease comes from one base of HBB: A to T at position 20 of its "
                "coding sequence.",
                "variants", {"model": "human-cds-codon", "variants": "HBB:c.20A>T"},
            ),
            Step(
                "Read the card from the top: consequence, then score with its percentile.",
                "variants", {"model": "human-cds-codon", "variants": "HBB:c.20A>T"},
            ),
            Step(
                "**Answer:** c.20A>T is p.Glu7Val, missense: glutamate, with a charge, becomes "
                "valine, without one. Its score is an ordinary one. A model of contexts does not "
                "know what haemoglobin does: the consequence speaks, not the score.",
                "variants", {"model": "human-cds-codon", "variants": "HBB:c.20A>T"},
            ),
        ),
    ),
}  # fmt: skip
"""Name in the address -> title and steps of a guided example, which ends in an answer."""


def button(page: str) -> None:
    """Draw the button that opens the help of a page."""
    panel = st.popover("What is this?", icon=":material/help:", key="help")
    with panel:
        st.markdown(PAGES.get(page, ""))
        st.markdown("**Guided examples**, five minutes each, with an answer at the end:")
        for name, (title, _) in GUIDES.items():
            st.html(_to(name, 1, title))


def guide() -> None:
    """Draw the step of the guided example that the address names."""
    name, _, number = str(st.query_params.get(GUIDE, "")).rpartition("-")
    title, steps = GUIDES.get(name, ("", ()))
    if not number.isdecimal() or not 1 <= (place := int(number[:3])) <= len(steps):
        return
    with st.container(border=True, key="guide"):
        st.markdown(f"**{title}, {place} of {len(steps)}:** {steps[place - 1].text}")
        around = [(place - 1, "Back"), (place + 1, "Next")]
        links = [_to(name, to, label) for to, label in around if 1 <= to <= len(steps)]
        step = steps[place - 1]
        links.append(link.anchor("Close the guide", step.page, **step.settings))
        st.html(" · ".join(links))


def _to(name: str, place: int, label: str) -> str:
    step = GUIDES[name][1][place - 1]
    return link.anchor(label, step.page, **step.settings, **{GUIDE: f"{name}-{place}"})
