"""The parts of the Genes page about one record or two: nearest genes, pair, path over the map."""

from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from bioskipgram.config import DotConfig, PoolConfig
from bioskipgram.genes import alignment
from bioskipgram.genes.alignment import Alignment
from bioskipgram.genes.dotplot import LONGEST, DotPlot
from dashboard import state
from dashboard.genes import cache as remembered
from dashboard.genes import tables
from dashboard.genes.cache import NEAREST
from dashboard.genes.dot_map.dot_map import dot_map
from dashboard.kmer_map.content import MapLook
from dashboard.shared import cache, downloads, forms, model_map
from dashboard.shared.cache import ModelFile, Upload

MOST_PATH = 1000
"""Bases of a path over the map: more would be a ball of wool."""
Member = tuple[Upload, int]
"""A record: what it came with, and its place in there."""


def choose(upload: Upload, label: str, key: str, *, index: int = 0) -> int:
    """Draw the choice of a record and return which it is."""
    names = upload.records.sequences.names
    if st.session_state.get(key, 0) >= len(names):
        st.session_state.pop(key)
    chosen: int = st.selectbox(
        label, range(len(names)), index, key=key, persist_state="session",
        format_func=lambda i: f"{i + 1} · {tables.short(names[i], 40)}",
    )  # fmt: skip
    return chosen


def nearest(model: ModelFile, upload: Upload, pool: PoolConfig) -> None:
    """Draw what is nearest to every record, and for a chosen one the reference genes in order."""
    reference = remembered.reference(model)[0]
    names = upload.records.sequences.names
    found = remembered.relatives(model, upload, pool)
    others = remembered.nearest_records(model, upload, pool)
    used = remembered.vectors(model, upload, pool).kmers_used
    table = tables.nearest_table(names, others, found, reference, used)
    st.markdown(
        "**Nearest by the vectors**, beside two measures that need no model",
        help="Mash distance: from the share of k-mers two records have in common, an estimate of "
        "substitutions per base (Ondov et al. 2016). k-mer cosine: of the two counts of k-mers. "
        "What the vectors rank otherwise than these do is what the model adds.",
    )
    event = st.dataframe(
        table, hide_index=True, height=min(420, 38 + 35 * len(table)), on_select="rerun",
        selection_mode="single-row", key=f"nearest-{upload.digest[:12]}",
        column_config=_numbers("its cosine", "cosine", "Mash distance", "k-mer cosine"),
        alt="The nearest record and reference gene of every record; choose a row to see more",
    )  # fmt: skip
    made = partial(tables.csv, table, name=names)
    downloads.button("CSV", "nearest.csv", made, "text/csv")
    if reference is None:
        return
    record = int(event.selection.rows[0]) if event.selection.rows else 0
    reference_card(model, upload, pool, min(record, len(names) - 1))


def reference_card(model: ModelFile, upload: Upload, pool: PoolConfig, record: int) -> None:
    """Draw the reference genes nearest to one record; a row chosen is aligned."""
    reference = remembered.reference(model)[0]
    genes = remembered.reference_genes(model, pool)
    assert reference is not None
    assert genes is not None
    name = upload.records.sequences.names[record]
    st.markdown(f"**Reference genes nearest to** `{_code(name)}`")
    own = remembered.vectors(model, upload, pool)
    mash, kmer_cosine = remembered.baselines(model, upload, record)
    cosines = own.unit[record] @ genes.unit.T
    table = tables.reference_table(reference, cosines, mash, kmer_cosine, NEAREST)
    event = st.dataframe(
        table, hide_index=True, height=300, on_select="rerun", selection_mode="single-row",
        key=f"reference-{upload.digest[:12]}-{record}",
        column_config=_numbers("cosine", "Mash distance", "k-mer cosine"),
        alt=f"The {len(table)} nearest reference genes; choose a row to align",
    )  # fmt: skip
    if not event.selection.rows:
        st.caption("Choose a row to see the true identity by alignment.")
        return
    gene = str(table["gene"][event.selection.rows[0]])
    shipped = remembered.named_genes(upload.records.sequences.alphabet.name)
    named = shipped.records.sequences
    length = int(table["length"][event.selection.rows[0]])
    known = {
        tables.short(name): i
        for i, name in enumerate(named.names)
        if named.lengths[i] == length  # another record of the same name is not this one
    }
    if gene not in known:
        st.info(
            "The reference keeps this gene's k-mers, not its sequence; upload the sequence to "
            "align it."
        )
        return
    _identities((upload, record), (shipped, known[gene]))


def pair(model: ModelFile, upload: Upload, pool: PoolConfig) -> None:
    """Draw two records against each other: measures side by side, dot plots, alignments."""
    left, right = st.columns(2)
    with left:
        record = choose(upload, "First", state.GENES_RECORD)
    with right:
        first, second = (upload, record), _second(model, upload, pool, record)
    _measures(model, pool, first, second)
    _identities(first, second)
    _dots(model, first, second)


def _second(model: ModelFile, upload: Upload, pool: PoolConfig, record: int) -> Member:
    """Let one choose the other record, of one's own or of the genes that ship."""
    alphabet = upload.records.sequences.alphabet
    members = [(upload, i) for i in range(len(upload))]
    if alphabet.complement:
        shipped = remembered.named_genes(alphabet.name)
        members += [(shipped, i) for i in range(len(shipped))]
    near = int(remembered.nearest_records(model, upload, pool).indices[record, 0])
    if st.session_state.get(state.GENES_OTHER, 0) >= len(members):
        st.session_state.pop(state.GENES_OTHER)

    def title(place: int) -> str:
        owner, i = members[place]
        origin = f"{i + 1} · " if owner is upload else "human gene · "
        return origin + tables.short(owner.records.sequences.names[i], 40)

    chosen: int = st.selectbox(
        "Second", range(len(members)), near, key=state.GENES_OTHER, format_func=title,
        persist_state="session", help="Your records, then the named human genes that ship.",
    )  # fmt: skip
    return members[chosen]


def _measures(model: ModelFile, pool: PoolConfig, first: Member, second: Member) -> None:
    """Print the cosine of the vectors beside the measures without a model."""
    one, two = (remembered.vectors(model, owner, pool).unit[i] for owner, i in (first, second))
    baselines = remembered.paired(model, *first, *second)
    columns = st.columns(3)
    columns[0].metric(
        "Cosine of the vectors", f"{float(one @ two):.3f}",
        help=f"{pool.pooling} pooling; how alike the model finds the contexts of their k-mers.",
    )  # fmt: skip
    columns[1].metric(
        "k-mer cosine", f"{baselines.kmer_cosine[0]:.3f}", help="Of the counts; no model."
    )
    columns[2].metric(
        "Mash distance", f"{baselines.mash[0]:.3f}",
        help="Estimated substitutions per base from the k-mers in common; 1 = none in common.",
    )  # fmt: skip


def _identities(first: Member, second: Member) -> None:
    """Print the true identities, and the alignment behind each."""
    kinds = [("end to end", "global", "nucleotides"), ("best part", "local", "nucleotides")]
    if first[0].records.sequences.alphabet.complement:
        kinds.append(("translated", "global", "protein"))
    else:
        kinds = [("end to end", "global", "protein"), ("best part", "local", "protein")]
    lengths = [len(owner.records.sequences[i]) for owner, i in (first, second)]
    if sentence := alignment.refusal(*lengths):
        st.info(sentence)
        return
    # Nothing that takes seconds starts unasked.
    if lengths[0] * lengths[1] > alignment.QUICK_CELLS and not st.toggle(
        f"Align {lengths[0]:,} x {lengths[1]:,} letters, which takes some seconds",
        key=f"align-{first[1]}-{second[0].digest[:8]}-{second[1]}",
    ):
        return
    found = [remembered.aligned(*first, *second, mode, kind) for _, mode, kind in kinds]
    for column, (title, mode, kind), one in zip(st.columns(len(kinds)), kinds, found, strict=True):
        column.metric(
            f"Identity, {title}", f"{one.identity:.1%}", f"{len(one):,} columns",
            delta_color="off", delta_arrow="off", help=_explain(one, mode, kind),
        )  # fmt: skip
    with st.expander("Alignment"):
        shown = st.radio(
            "Which", range(len(kinds)), format_func=lambda i: kinds[i][0], horizontal=True,
            label_visibility="collapsed", key=f"alignment-{first[0].digest[:8]}",
        )  # fmt: skip
        st.code(_clipped(found[shown]), language=None)


def _explain(found: Alignment, mode: str, kind: str) -> str:
    ends = "gaps at the ends cost nothing" if mode == "global" else "the best part of each"
    return (
        f"{found.matches:,} equal of {len(found):,} columns, {found.gaps:,} with a gap; {mode}, "
        f"{ends}; {kind}: {alignment.SCORING[kind]}. By Biopython's PairwiseAligner."
    )


def _clipped(found: Alignment, most: int = 20_000) -> str:
    text = found.text()
    return text if len(text) <= most else f"{text[:most]}\n… the rest is not shown"


def _dots(model: ModelFile, first: Member, second: Member) -> None:
    """Draw the dot plots, and below them the two windows of the cell that was clicked."""
    lengths = [len(owner.records.sequences[i]) for owner, i in (first, second)]
    st.markdown("**Dot plots**, window against window")
    settings = forms.ask(DotConfig, ["window", "step"], prefix=state.GENES_DOTS, columns=4)
    k = cache.embedding(model).vocabulary.tokenizer.k
    if min(lengths) < max(k, 8) or max(lengths) > LONGEST:
        st.info(f"Dot plots need sequences of {max(k, 8)} to {LONGEST:,} letters.")
        return
    # A gene shorter than a window is one window.
    settings["window"] = min(settings["window"], *lengths)
    found = remembered.dots(model, *first, *second, DotConfig.from_dict(settings))
    a, b = (owner.records.sequences.names[i] for owner, i in (first, second))
    alphabet = first[0].records.sequences.alphabet
    cell = dot_map(
        found, names=(tables.short(a), tables.short(b)), unit=alphabet.unit,
        strands=bool(alphabet.complement), key=state.GENES_DOT_MAP,
    )  # fmt: skip
    strands = (
        " · blue: as they stand, orange: the second's other strand" if alphabet.complement else ""
    )
    st.caption(
        f"{found.cosine.shape[0]:,} x {found.cosine.shape[1]:,} windows of "
        f"{found.config.window} {alphabet.unit}s, every {found.step}{strands}. Cosines are of "
        "summed k-mer vectors less their mean over the corpus; the thresholds begin where 1 in "
        "1,000 cells lies with the second sequence shuffled "
        f"(cosine {found.chance_cosine:.2f}, identity {found.chance_identity:.2f})."
    )
    if cell is not None:
        _windows(found, first, second, cell)


def _windows(found: DotPlot, first: Member, second: Member, cell: tuple[int, int]) -> None:
    """Show the two windows of a cell, aligned."""
    row, column = cell
    reverse = bool(found.identity_reverse[cell] > found.identity[cell])
    reach = found.config.window + found.step - 1  # all that begins in the cell
    texts, places = [], []
    for (owner, i), starts, place in (
        (first, found.starts_first, row), (second, found.starts_second, column)
    ):  # fmt: skip
        sequences, start = owner.records.sequences, int(starts[place])
        bases = sequences[i][start : start + reach]
        if reverse and (owner, i) is second:
            bases = sequences.alphabet.reverse_complement(bases)
        texts.append(sequences.alphabet.decode(bases))
        places.append(
            f"{tables.short(sequences.names[i], 30)} {start + 1:,}–{start + len(bases):,}"
        )
    kind = "nucleotides" if first[0].records.sequences.alphabet.complement else "protein"
    aligned = alignment.align(*texts, mode="local", kind=kind)
    if not reverse:  # positions in the records, not in the windows
        aligned = replace(
            aligned,
            start_first=aligned.start_first + int(found.starts_first[row]),
            start_second=aligned.start_second + int(found.starts_second[column]),
        )
    st.markdown(
        f"**Windows** `{_code(places[0])}` and `{_code(places[1])}`"
        + (", the other strand" if reverse else "")
        + f": cosine {_stronger(found, 'cosine', cell, reverse=reverse):.2f}, identity "
        f"{_stronger(found, 'identity', cell, reverse=reverse):.2f}"
    )
    st.code(f"{texts[0]}\n{texts[1]}\n\n{aligned.text() or 'nothing aligns'}", language=None)


def _stronger(found: DotPlot, name: str, cell: tuple[int, int], *, reverse: bool) -> float:
    matrix = getattr(found, f"{name}_reverse" if reverse else name)
    return float(matrix[cell])


def path(model: ModelFile, upload: Upload) -> None:
    """Draw a record's k-mers as a line over the map of all k-mers."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        record = choose(upload, "Record", state.GENES_RECORD)
        config = model_map.choose_layout()
    sequences = upload.records.sequences
    L = len(sequences[record])
    start, stop = 0, L
    if cache.embedding(model).vocabulary.tokenizer.k + 1 < L:
        start, stop = st.slider(
            f"{sequences.alphabet.unit}s".capitalize(), 1, L, (1, min(L, 60)),
            key=f"{state.GENES_PATH}-{upload.digest[:8]}-{record}",
        )  # fmt: skip
        start -= 1
    clipped = min(stop, start + MOST_PATH)
    tokens = remembered.path(model, upload, record, start, clipped)
    if not len(tokens):
        st.info("This model knows no k-mer of this part.")
        return
    colouring = model_map.colouring_by(model, "cluster")
    look = MapLook(colouring=colouring, path=tokens, height=560)
    model_map.show(model, config, look, key=state.GENES_PATH_MAP)
    st.caption(
        f"{len(tokens):,} k-mers that begin at {start + 1:,} to {clipped:,}, from the dot to the "
        "square" + (f" · the first {MOST_PATH:,} of the part chosen" if clipped < stop else "")
    )


def _numbers(*names: str) -> dict[str, Any]:
    return {name: st.column_config.NumberColumn(name, format="%.3f") for name in names}


def _code(text: str) -> str:
    """Return untrusted text for a code span."""
    return tables.short(text.replace("`", "'").replace("\n", " "))
