"""Motifs along sequences: where, how many, and how many by chance; the whole library too."""

from pathlib import Path

import numpy as np
import streamlit as st

from bioskipgram.arrays import Counts
from bioskipgram.motifs import hit_files
from bioskipgram.motifs.library import jaspar
from bioskipgram.motifs.scan import Hits, ScanConfig, Scanner
from bioskipgram.sequences.shuffle import KINDS, shuffle
from bioskipgram.statistics import commoner, false_discoveries
from dashboard import state
from dashboard.motifs import figures
from dashboard.motifs.cache import (
    MAX_BASES,
    MAX_UPLOAD_MB,
    SHIPPED,
    Chosen,
    Source,
    entry,
    hits,
    order_of_records,
    scanner,
    sequences,
    shuffled,
)
from dashboard.shared import downloads

UPLOAD = "A file of mine"
P_VALUES = [1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7]
ROWS = 12
MOST_ROWS = 1000
SHUFFLES = 50
AT_ONCE = 500_000
"""Bases up to which shuffles are made without being asked for."""
BACKGROUNDS = {"of the sequences": "data", "a quarter each": "uniform"}
Given = tuple[Source, bytes | Path]
MEANING = """
**A hit** is a window whose letters fit the motif: the sum of its log-odds, log2(share in the motif
/ share in the background), reaches the threshold. It is not proof that anything binds there.

**p** is the chance that one window of independent bases scores as high, exact for these scores;
**q** is the share of false hits to expect among those as good (Benjamini-Hochberg over all
windows). **Expected** is the number of windows on all strands times the threshold's p. A
palindrome is counted once, on the + strand.

**Shuffled**: the sequences with their bases in random order are scanned again. Keeping the counts
of *two bases in a row* is the fairer null: it keeps CpG depletion and runs. In coding sequences
even that forgets codons and reading frames, so "more than shuffled" may still be the code's doing.
"""


def show(chosen: Chosen) -> None:
    """Draw one motif's hits along sequences."""
    given = _sequences()
    config = _settings()
    if given is None:
        st.info("Upload a file of sequences.")
        return
    source, data = given
    found = hits(source, config, chosen, data)
    if found.note:
        st.warning(motif_note(found.note))
    _numbers(found)
    _chance(given, config, chosen, found)
    if not len(found):
        st.info("No hit. Choose a higher p-value or a lower relative score.")
        return
    _track(found)
    _table(found)
    with st.expander("What a hit means"):
        st.markdown(MEANING)


def motif_note(text: str) -> str:
    """Return a note with nothing that markdown would read."""
    return "".join(f"\\{c}" if c in r"\`*_{}[]()#|<>~$:&" else c for c in text)


def _sequences() -> Given | None:
    choice = st.radio(
        "Sequences", [*SHIPPED, UPLOAD], key=state.MOTIF_SOURCE, horizontal=True,
        bind="query-params",
    )  # fmt: skip
    if choice != UPLOAD:
        return Source(choice), SHIPPED[choice]
    file = st.file_uploader(
        "FASTA, GenBank or EMBL, plain or gzipped", key=state.MOTIF_UPLOAD,
        max_upload_size=MAX_UPLOAD_MB,
        help=f"Up to {MAX_BASES // 1_000_000} Mb; more by `bioskipgram motifs scan`.",
    )  # fmt: skip
    if file is None:
        return None
    data = file.getvalue()
    return Source.of(file.name, data), data


def _settings() -> ScanConfig:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        by = st.segmented_control(
            "Threshold", ["p-value", "relative"], default="p-value", required=True,
            key=state.MOTIF_BY, bind="query-params",
            help="Patterns and regular expressions need none: they fit or not.",
        )  # fmt: skip
        p, relative = ScanConfig.p, ScanConfig.relative
        if by == "p-value":
            p = st.select_slider(
                "p-value of one window, at most", P_VALUES, 1e-4, key=state.MOTIF_P, width=260,
                format_func=lambda value: f"{value:g}",
            )  # fmt: skip
        else:
            relative = st.slider(
                "Relative score, at least", 0.5, 1.0, 0.8, 0.01, key=state.MOTIF_RELATIVE,
                width=260, help="0 = the worst word there is, 1 = the best.",
            )  # fmt: skip
        strands = st.segmented_control(
            "Strands", ["both", "+"], default="both", required=True, key=state.MOTIF_STRANDS + "_s"
        )
        background = st.selectbox(
            "Background bases", list(BACKGROUNDS), key=state.MOTIF_BACKGROUND, width=200
        )
    return ScanConfig(
        by=by, p=p, relative=relative, strands=strands, background=BACKGROUNDS[background]
    )


def _numbers(found: Hits) -> None:
    one, two, three, four = st.columns(4)
    one.metric("Hits", f"{len(found):,}")
    known = np.isfinite(found.expected)
    two.metric(
        "Expected by chance", f"{found.expected:,.1f}" if known else "not known",
        help="Windows looked at times the threshold's p-value, for independent bases."
        if known
        else "A regular expression has no score, so no p-value.",
    )  # fmt: skip
    ratio = f"{len(found) / found.expected:.2f}" if known and found.expected > 0 else "not known"
    three.metric("Observed / expected", ratio)
    records = len(np.unique(found.records))
    four.metric("Sequences with a hit", f"{records:,} of {len(found.sequences):,}")


def _chance(given: Given, config: ScanConfig, chosen: Chosen, found: Hits) -> None:
    """Draw hits in shuffled sequences beside those observed."""
    if entry(chosen).motif is None:
        return
    kind = st.segmented_control(
        "Compare with shuffles that keep", list(KINDS), default=KINDS[1], required=True,
        key=state.MOTIF_SHUFFLE,
        help="The counts of two bases in a row, or of single bases, in each sequence.",
    )  # fmt: skip
    motif = entry(chosen).motif
    if motif is not None and len(motif) <= 2 and kind == KINDS[0]:
        st.caption("Such shuffles keep every hit of a motif of two letters: choose composition.")
        return
    large = len(found.sequences.codes) > AT_ONCE
    if large and not st.toggle(f"Scan {SHUFFLES} shuffles too; switch off to stop"):
        return
    mixed = _mixed(given, config, chosen, kind)
    st.plotly_chart(
        figures.spread(len(found), mixed, found.expected),
        config={"displayModeBar": False}, key="motif-spread",
        alt=f"{len(found)} hits observed, {mixed.mean():.0f} on average in shuffles",
    )  # fmt: skip
    more, fewer = int((mixed >= len(found)).sum()), int((mixed <= len(found)).sum())
    p = min(1.0, 2 * (1 + min(more, fewer)) / (1 + len(mixed)))
    st.caption(
        f"{len(found):,} hits observed · {mixed.mean():,.1f} ± {mixed.std():,.1f} in {len(mixed)} "
        f"shuffles ({kind} kept) · two-sided p ≈ {p:.2g}; {len(mixed)} shuffles cannot show less "
        f"than {2 / (1 + len(mixed)):.2g}"
    )


def _mixed(given: Given, config: ScanConfig, chosen: Chosen, kind: str) -> Counts:
    """Return the hits in each shuffle, int64[SHUFFLES]. Any click ends it; what is done stays."""
    source, data = given
    bar, counts = st.progress(0.0, "Scanning shuffled sequences …"), []
    for seed in range(SHUFFLES):
        counts.append(shuffled(source, config, chosen, kind, seed, data))
        if seed % 5 == 4:
            bar.progress((seed + 1) / SHUFFLES, f"{seed + 1} of {SHUFFLES} shuffles scanned")
    bar.empty()
    return np.array(counts, np.int64)


def _track(found: Hits) -> None:
    names, order = found.sequences.names, order_of_records(found)
    with_hits = order[: len(np.unique(found.records))].tolist()
    per_record = found.per_record
    chosen = st.multiselect(
        f"Sequences to draw (the {min(ROWS, len(with_hits))} with most hits if none is chosen)",
        with_hits[:2000], key=state.MOTIF_RECORDS, max_selections=40,
        format_func=lambda i: f"{names[i][:40]} ({per_record[i]:,} hits)",
    )  # fmt: skip
    records = np.array(chosen or with_hits[:ROWS], np.int64)
    st.plotly_chart(
        figures.track(found, records), key="motif-track",
        alt=f"Hits along {len(records)} sequences; the table below lists them",
    )  # fmt: skip
    drawn = int(np.isin(found.records, records).sum())
    least = min(drawn, figures.MOST_MARKS)
    st.caption(f"showing {least:,} of {len(found):,} hits, in {len(records)} of {len(names):,} "
               "sequences; the lines are as long as the sequences")  # fmt: skip


def _table(found: Hits) -> None:
    import pandas as pd

    best = np.argsort(found.p_values, kind="stable")[:MOST_ROWS]
    names = found.sequences.names
    table = pd.DataFrame(
        {
            "sequence": [names[found.records[i]] for i in best],
            "start": found.starts[best] + 1,
            "end": found.stops[best],
            "strand": np.where(found.strands[best] > 0, "+", "−"),
            "score, bits": found.scores[best],
            "p": found.p_values[best],
            "q": found.q_values[best],
            "letters": [found.text(int(i)) for i in best],
        }
    )
    scientific = st.column_config.NumberColumn(format="%.1e")
    st.dataframe(
        table, hide_index=True, height=280, alt="Hits, the best first",
        column_config={
            "p": scientific, "q": scientific,
            "score, bits": st.column_config.NumberColumn(format="%.2f"),
        },
    )  # fmt: skip
    if len(best) < len(found):
        st.caption(f"showing the best {len(best):,} of {len(found):,}; the downloads have all")
    with st.container(horizontal=True):
        downloads.button("CSV", "hits.csv", lambda: hit_files.csv_text([found]), "text/csv")
        downloads.button("BED", "hits.bed", lambda: hit_files.bed_text([found]))
        downloads.button("GFF3", "hits.gff3", lambda: hit_files.gff3_text([found]))


def show_library() -> None:
    """Scan all of JASPAR, when asked to, with progress; what is done is kept when stopped."""
    given = _sequences()
    config = _settings()
    if given is None:
        st.info("Upload a file of sequences.")
        return
    key = (given[0], config)
    done = st.session_state.get(state.MOTIF_SURVEY, (None, []))
    rows = done[1] if done[0] == key else []
    total = len(jaspar())
    bases = len(sequences(*given).codes)
    with st.container(horizontal=True, vertical_alignment="center"):
        label = f"Scan {total} JASPAR motifs" if not rows else "Go on"
        start = st.button(
            label, type="primary", icon=":material/play_arrow:", disabled=len(rows) == total
        )
        st.caption(
            f"{bases / 1e6:.2f} Mb; each motif is looked for in the sequences and in one shuffle "
            "of them (counts of two bases in a row kept). Stopping keeps what is done."
        )
    if start:
        st.session_state[state.MOTIF_SURVEY] = (key, rows)
        _survey(given, config, rows)
    if rows:
        _survey_table(rows, total)


def _survey(given: Given, config: ScanConfig, rows: list[dict[str, object]]) -> None:
    """Scan the motifs that are left. Any click ends the script at the next step: Stop does."""
    st.button("Stop", icon=":material/stop:", key="stop-survey")
    known, bar = jaspar(), st.progress(0.0)
    ready = scanner(given[0], config, given[1])
    mixed = Scanner(shuffle(ready.sequences), config)
    for number in range(len(rows), len(known)):
        log_odds = ready.log_odds(known[number])
        own, other = ready.scan(log_odds), mixed.scan(log_odds)
        rows.append(
            {
                "motif": own.motif, "consensus": known[number].consensus, "hits": len(own),
                "expected": own.expected, "in a shuffle": len(other),
                "hits / shuffle": (len(own) + 0.5) / (len(other) + 0.5),
                "sequences with a hit": len(np.unique(own.records)),
            }
        )  # fmt: skip
        if number % 10 == 0 or number + 1 == len(known):
            bar.progress((number + 1) / len(known), f"{number + 1} of {len(known)} motifs")
    st.rerun()


def _survey_table(rows: list[dict[str, object]], total: int) -> None:
    import pandas as pd

    table = pd.DataFrame(rows)
    own, other = (table[name].to_numpy(np.int64) for name in ("hits", "in a shuffle"))
    table["p"] = commoner(own, other)
    table["q"] = false_discoveries(table["p"].to_numpy())
    table = table.sort_values("p", ignore_index=True)
    st.dataframe(
        table, hide_index=True, height=420, alt="Motifs, those commoner than in a shuffle first",
        column_config={
            "expected": st.column_config.NumberColumn(format="%.1f"),
            "hits / shuffle": st.column_config.NumberColumn(format="%.2f"),
            "p": st.column_config.NumberColumn(format="%.1e"),
            "q": st.column_config.NumberColumn(format="%.1e"),
        },
    )  # fmt: skip
    st.caption(
        f"{len(rows)} of {total} motifs · half a hit is added to both numbers of the ratio. p: "
        "as many hits or more if the sequences were no richer than the shuffle (binomial test); "
        "q: Benjamini-Hochberg over the motifs so far. One shuffle is a rough null and hits "
        "overlap: look at a promising motif by itself. Related factors share motifs."
    )
    downloads.csv(table, "library-hits")
