"""Variants: effects of changes of a coding sequence on the protein and on the score."""

import hashlib
import time

import streamlit as st

from bioskipgram.sequences.sequences import Sequences
from bioskipgram.variants import vcf
from bioskipgram.variants.assess import Assessment, Assessor
from bioskipgram.variants.reading import VariantList
from bioskipgram.variants.summary import LOW, ranked, summary
from bioskipgram.variants.variant import Variant, dna
from dashboard import state
from dashboard.shared import cache, downloads, grid
from dashboard.shared import text as safe
from dashboard.shared.cache import ModelFile
from dashboard.variants import ask, card, saturation
from dashboard.variants import cache as remembered

NOTE = (
    "**What does a change do to the protein, and how unusual is it?** The consequence follows from "
    "the genetic code. The score says whether the new k-mers go better or worse with those around "
    "them: an association of contexts, **not pathogenicity**."
)
HOW_WELL = """
**Δ log-odds** adds up, over all pairs of a k-mer and its context within the model's window, the
log-odds that the pair is a real one and not chance, and takes the sum without the variant from the
sum with it. **Window shift** and **gene shift** say how far the mean vector of the changed k-mers,
and of the whole gene, turns. A **percentile** compares with all substitutions of the same base
between the same neighbours to the same new base.

Measured over the 341,793 substitutions of the 86 genes that ship, as AUC (0.5 = a coin; see
`python -m benchmarks.variants`):

- *Missense against synonymous.* The codon model's window shift is larger for missense, AUC 0.78
  (0.83 among equal neighbours and new base; trained on shuffled codons 0.57 and 0.61). With the
  position in the codon held equal too it is 0.52, its interval reaching 0.5: the model has learnt
  which codons replace each other, hardly more. The 6-mer model's is 0.52 (shuffled codons 0.51).
  The change in log-odds is 0.53 (6-mers; shuffled codons 0.52) and 0.59 (codons; shuffled codons
  0.60): hardly learnt from contexts.
- *Conservative against radical missense* (BLOSUM62 at least 0, or below): the codon model's window
  shift 0.60, trained on shuffled codons 0.65: no better than its null.
- The **consequence** and **BLOSUM62** come from the genetic code and from aligned proteins. For
  what a change does to a protein they say more than this score does; it has not been tested
  against disease.
"""


def main() -> None:
    """Draw the page: the inputs, the worst variants first beside the card of one, the map."""
    model = cache.chosen()
    remembered.scorer(model)  # a model that cannot be scored raises first
    st.markdown(NOTE)
    asked = _asked(model)
    if asked is None:
        return
    sequences, source, record, text, place = asked
    assessor = remembered.assessor(model, source, _null(model), sequences)
    digest = _digest(text)
    listed = remembered.listed(source, record, digest, sequences, text)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        ask.say_used(listed, place)
        found = _results(model, source, f"{record} {digest}", assessor, listed)
        _summary(found)
        _table(ranked(found), model)
        _downloads(found, sequences, model, "variants")
        ask.say_problems(listed)
    with right:
        _card(model, assessor, ranked(found), record)
    st.subheader(f"Every substitution of {safe.markdown(sequences.names[record])}", anchor=False)
    drawn = saturation.show(model, source, assessor, record)
    if drawn is not None and st.toggle("Download every substitution", key=state.VARIANT_ALL):
        every = VariantList(tuple(drawn.variants(record)), ())
        done = _results(model, source, f"all of {record}", assessor, every)
        _downloads(done, sequences, model, "every-substitution")
    with st.expander("What the numbers are, and how well they do"):
        st.markdown(HOW_WELL)


def _asked(model: ModelFile) -> tuple[Sequences, str, int, str | bytes, str] | None:
    """Draw the inputs; return the sequences, their key, the gene, the variants and their origin."""
    left, right = st.columns([2, 5], gap="medium")
    with left:
        sequences, source = ask.choose_sequences(model)
        if sequences is None:
            st.info("Give coding sequences, each from its start codon on: a file, or pasted FASTA.")
            return None
        record = ask.choose_record(sequences)
    with right:
        text, place = ask.ask_variants()
    return sequences, source, record, text, place


def _digest(text: str | bytes) -> str:
    return hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()


def _null(model: ModelFile) -> bool:
    """Offer to make the null that percentiles need; return whether there is one."""
    if remembered.null(model) is not None:
        return True
    work = f"null {model.path} {model.stamp}"
    place = st.empty()
    with place.container(border=True):
        st.caption(
            "This model has no percentiles yet: every substitution of the 86 genes that ship has "
            "to be scored once, which takes some seconds."
        )
        if not st.button("Compute percentiles", key="start_null"):
            return False
    with place.container(border=True):
        st.button("Stop", key="stop_null", on_click=state.set_stopped, args=(work,))
        bar, gathering = st.progress(0.0), remembered.gathering(model)
        for share in gathering:
            bar.progress(share, "Scoring the genes that ship …")
        remembered.keep_null(model, gathering.null())
    st.rerun()


def _results(
    model: ModelFile, source: str, key: str, assessor: Assessor, listed: VariantList
) -> list[Assessment]:
    """Return the results of the variants; of many, with progress and a stop button."""
    found = remembered.results(model, source, key, assessor.null is not None)
    done = len(found)
    left = listed.variants[done:]
    if not left:
        return found
    begin, work, place = time.monotonic(), f"list {key}", st.empty()
    if state.stopped(work):
        with place.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"Stopped after {len(found):,} of {len(listed.variants):,} variants.")
            st.button("Go on", key="more_variants", on_click=state.set_stopped, args=("",))
        return found
    bar = None
    for block in assessor.each(left):
        # By place: another session may fill the same list.
        found[done : done + len(block)] = block
        done += len(block)
        if bar is None and time.monotonic() - begin > 0.3:
            with place.container():
                bar = st.progress(0.0)
                st.button("Stop", key="stop_list", on_click=state.set_stopped, args=(work,))
        if bar is not None:
            bar.progress(
                done / len(listed.variants), f"{done:,} of {len(listed.variants):,} variants"
            )
    place.empty()
    return found


def _summary(found: list[Assessment]) -> None:
    """Write how many variants of a set are of each kind."""
    if len(found) < 3:
        return
    whole = summary(found)
    said = [f"{count:,} {kind}" for kind, count in whole.kinds.items()]
    said.append(f"{whole.transitions:,} transitions, {whole.transversions:,} transversions")
    said.append(f"{whole.cpg:,} change a CpG")
    if whole.scored:
        said.append(f"{whole.low:,} unusual ({whole.low_expected:.1f} expected by chance)")
    st.markdown(
        " · ".join(said),
        help=f"Unusual: fewer than {LOW:.0f} % of like substitutions score lower. Expected by "
        f"chance: {LOW:.0f} % of those that have a percentile.",
    )


def _table(found: list[Assessment], model: ModelFile) -> None:
    """List the variants; a chosen row opens its card."""
    import pandas as pd

    if not found:
        return
    rows = pd.DataFrame(
        {
            "gene": [safe.one_line(one.gene) for one in found],
            "coding": [safe.one_line(one.consequence.coding) for one in found],
            "protein": [safe.one_line(one.consequence.protein) for one in found],
            "consequence": [one.consequence.kind for one in found],
            "BLOSUM62": pd.array([one.consequence.blosum62 for one in found], dtype="Int64"),
            "Δ log-odds, nats": [one.values[0] for one in found],
            "percentile": [one.percentiles[0] for one in found],
            "window shift": [one.values[1] for one in found],
        }
    )
    chosen = grid.show(
        rows, "The variants, the worst first; choose a row to open one",
        height=330, key=f"{state.VARIANT_TABLE}-{model.name}-{len(found)}",
        formats={"Δ log-odds, nats": "%.2f", "percentile": "%.0f", "window shift": "%.3f"},
    )  # fmt: skip
    if state.is_new_choice(state.VARIANT_TABLE, [chosen]) and chosen is not None:
        state.set_variant_focus(found[chosen].variant)


def _downloads(found: list[Assessment], sequences: Sequences, model: ModelFile, name: str) -> None:
    if not found:
        return
    digest = cache.embedding(model).digest
    with st.container(horizontal=True):
        downloads.button(
            "TSV", f"{name}.tsv", lambda: vcf.table(found), "text/tab-separated-values"
        )
        downloads.button("VCF", f"{name}.vcf", lambda: vcf.vcf(found, sequences, model=digest))


def _card(model: ModelFile, assessor: Assessor, found: list[Assessment], record: int) -> None:
    """Draw the card of the variant in focus: a chosen one, else the first."""
    focus = state.variant_focus()
    if focus is not None and not _fits(focus, assessor.sequences):
        focus = None
    if focus is None or (focus.record != record and all(one.variant != focus for one in found)):
        if not found:
            st.info("Give a variant, or click a cell of the map below.")
            return
        focus = found[0].variant
    (chosen,) = assessor.all([focus])
    card.show(model, assessor, chosen)


def _fits(variant: Variant, sequences: Sequences) -> bool:
    """Return whether a variant chosen earlier is of these sequences."""
    if variant.record >= len(sequences) or variant.position > sequences.lengths[variant.record]:
        return False
    return dna(sequences, variant.record, variant.position, variant.stop) == variant.ref


main()
