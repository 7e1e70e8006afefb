"""The genes nearest to each record, and to one of them."""

import streamlit as st

from bioskipgram.config import PoolConfig
from bioskipgram.genes.similarity import ALIKE, RELATED, percentiles
from dashboard.genes import cache as remembered
from dashboard.genes import pair, tables
from dashboard.genes.pair import VERDICT
from dashboard.shared import downloads, grid
from dashboard.shared import text as safe
from dashboard.shared.cache import ModelFile, Upload

MAX_SHOWN = 20
MEASURES = ("its cosine", "cosine", "Mash distance", "protein words", "k-mer cosine")
FORMATS = dict.fromkeys(MEASURES, "%.3f") | {"percentile": "%.2f", "rank by Mash": "%d"}


def show(model: ModelFile, upload: Upload, pool: PoolConfig) -> None:
    """Draw what is nearest to every record, and for a chosen one the reference genes in order."""
    reference = remembered.reference(model)[0]
    names = upload.records.sequences.names
    found = remembered.relatives(model, upload, pool)
    others = remembered.nearest_records(model, upload, pool)
    used = remembered.vectors(model, upload, pool).kmers_used
    among = remembered.random_cosines(model, pool) if reference else None
    table = tables.nearest_table(names, others, found, reference, used, among)
    st.markdown(
        "**Nearest by the vectors**, beside measures that need no model",
        help="percentile: the share of random pairs of reference genes with a lower cosine. Mash "
        "distance: from the share of 11-mers, of either strand, that two records have in common, "
        "an estimate of substitutions per base (Ondov et al. 2016). protein words: the same of "
        "the 3-letter words of what they code for. k-mer cosine: of the two counts of the "
        "model's k-mers. related by: vectors, where the percentile is at least "
        f"{ALIKE:.0f}; words, where Mash distance or protein words are at most {RELATED}.",
    )
    chosen = grid.show(
        table, "The nearest record and reference gene of every record; choose a row to see more",
        height=420, formats=FORMATS, key=f"nearest-{upload.digest[:12]}",
    )  # fmt: skip
    downloads.csv(table, "nearest")
    if reference is None:
        return
    if "related by" in table and (sentence := disagreement(table["related by"].tolist())):
        st.markdown(sentence)
    reference_card(model, upload, pool, min(chosen or 0, len(names) - 1))


def reference_card(model: ModelFile, upload: Upload, pool: PoolConfig, record: int) -> None:
    """Draw the reference genes nearest to one record; a row chosen is aligned."""
    reference = remembered.reference(model)[0]
    genes = remembered.reference_genes(model, pool)
    assert reference is not None
    assert genes is not None
    st.markdown(
        f"**Reference genes nearest to** {safe.code(upload.records.sequences.names[record])}"
    )
    own = remembered.vectors(model, upload, pool)
    cosines = own.unit[record] @ genes.unit.T
    among = percentiles(cosines, remembered.random_cosines(model, pool))
    baselines = remembered.baselines(model, upload, record)
    table = tables.reference_table(reference, cosines, among, baselines, MAX_SHOWN)
    row = grid.show(
        table, f"The {len(table)} nearest reference genes; choose a row to align",
        formats=FORMATS, key=f"reference-{upload.digest[:12]}-{record}",
    )  # fmt: skip
    if row is None:
        st.caption("Choose a row to see the true identity by alignment.")
        return
    chosen = table.iloc[row]
    shipped = remembered.named_genes(upload.records.sequences.alphabet.name)
    known = shipped.records.sequences
    for i, name in enumerate(known.names):
        # Another record may have the same name.
        if safe.one_line(name) == chosen["gene"] and known.lengths[i] == chosen["length"]:
            pair.identities((upload, record), (shipped, i))
            return
    st.info(
        "The reference keeps this gene's k-mers, not its sequence; upload the sequence to align it."
    )


def disagreement(related_by: list[str]) -> str:
    """Return in how many rows vectors and words disagree, "" where in none."""
    said = [
        f"{n:,} of {len(related_by):,} nearest reference genes: {VERDICT[name]}"
        for name in ("vectors only", "words only")
        if (n := related_by.count(name))
    ]
    return f"**Vectors and words disagree.** {' '.join(said)}" if said else ""
