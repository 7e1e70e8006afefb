"""The dot plots of two records, and the two windows of the cell that was clicked."""

from dataclasses import replace

import streamlit as st

from bioskipgram.config import DotConfig
from bioskipgram.genes import alignment
from bioskipgram.genes.dotplot import LONGEST, DotPlot
from dashboard import state
from dashboard.genes import cache as remembered
from dashboard.genes.cache import Member
from dashboard.genes.dot_map.dot_map import dot_map
from dashboard.shared import cache, forms
from dashboard.shared import text as safe
from dashboard.shared.cache import ModelFile


def show(model: ModelFile, first: Member, second: Member) -> None:
    """Draw the dot plots, and below them the windows of the cell that was clicked."""
    pair = [owner.records.sequences for owner, _ in (first, second)]
    names = [sequences.names[i] for sequences, (_, i) in zip(pair, (first, second), strict=True)]
    lengths = [len(sequences[i]) for sequences, (_, i) in zip(pair, (first, second), strict=True)]
    st.markdown("**Dot plots**, window against window")
    settings = forms.ask(DotConfig, ["window", "step"], prefix=state.GENES_DOTS, columns=4)
    shortest = max(cache.embedding(model).vocabulary.tokenizer.k, 8)
    if min(lengths) < shortest or max(lengths) > LONGEST:
        st.info(f"Dot plots need sequences of {shortest} to {LONGEST:,} letters.")
        return
    # A gene shorter than a window is one window.
    settings["window"] = min(settings["window"], *lengths)
    found = remembered.dots(model, *first, *second, DotConfig.from_dict(settings))
    alphabet = pair[0].alphabet
    cell = dot_map(
        found, names=(safe.one_line(names[0]), safe.one_line(names[1])), unit=alphabet.unit,
        strands=bool(alphabet.complement), key=state.GENES_DOT_MAP,
    )  # fmt: skip
    strands = " · blue: as given, orange: the second's reverse complement" * bool(
        alphabet.complement
    )
    st.caption(
        f"{found.cosine.shape[0]:,} x {found.cosine.shape[1]:,} windows of "
        f"{found.config.window} {alphabet.unit}s, every {found.step}{strands}. Cosines are of "
        "summed k-mer vectors less their mean over the corpus; each threshold starts where 1 in "
        "1,000 cells lies when the second sequence is shuffled "
        f"(cosine {found.chance_cosine:.2f}, identity {found.chance_identity:.2f})."
    )
    if cell is not None:
        _windows(found, first, second, cell)


def _windows(found: DotPlot, first: Member, second: Member, cell: tuple[int, int]) -> None:
    """Show the two windows of a cell, aligned."""
    reverse = bool(found.identity_reverse[cell] > found.identity[cell])
    cosines, identities = found.cosine, found.identity
    if reverse:
        cosines, identities = found.cosine_reverse, found.identity_reverse
    starts = int(found.starts_first[cell[0]]), int(found.starts_second[cell[1]])
    texts, places = [], []
    for number, ((owner, i), start) in enumerate(zip((first, second), starts, strict=True)):
        sequences = owner.records.sequences
        # All windows that begin in the cell.
        bases = sequences[i][start : start + found.config.window + found.step - 1]
        if reverse and number:
            bases = sequences.alphabet.reverse_complement(bases)
        texts.append(sequences.alphabet.decode(bases))
        place = f"{safe.one_line(sequences.names[i], 30)} {start + 1:,}–{start + len(bases):,}"
        places.append(safe.code(place))
    kind = "nucleotides" if first[0].records.sequences.alphabet.complement else "protein"
    aligned = alignment.align(*texts, mode="local", kind=kind)
    if not reverse:  # positions in the records, not in the windows
        aligned = replace(
            aligned,
            start_first=aligned.start_first + starts[0],
            start_second=aligned.start_second + starts[1],
        )
    st.markdown(
        f"**Windows** {places[0]} and {places[1]}"
        + (", reverse complement" if reverse else "")
        + f": cosine {cosines[cell]:.2f}, identity {identities[cell]:.2f}"
    )
    st.code(f"{texts[0]}\n{texts[1]}\n\n{aligned.text() or 'nothing aligns'}", language=None)
