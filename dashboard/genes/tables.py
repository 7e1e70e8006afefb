"""Records and genes -> tables to show and to download. No streamlit here.

Names are cut to `MAX_NAME` characters: files of users may hold names of any length.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bioskipgram.genes.distances import Paired
from bioskipgram.genes.embed import GeneEmbedding
from bioskipgram.genes.reference import NearestGenes, Reference
from bioskipgram.genes.similarity import Relatives, percentiles, related_by
from bioskipgram.numerics.arrays import Counts, Doubles, Floats
from bioskipgram.sequences import orfs as checking
from bioskipgram.sequences.orfs import RecordChecks
from bioskipgram.sequences.upload import Records
from bioskipgram.tables import harmless
from dashboard.shared import text as safe

if TYPE_CHECKING:
    import pandas as pd


MAX_NAME = 200
WORD_MEASURES = ("Mash distance", "rank by Mash", "protein words", "related by")


def _short(text: str) -> str:
    return safe.one_line(text, MAX_NAME)


def report(records: Records, checks: RecordChecks | None, genes: GeneEmbedding) -> "pd.DataFrame":
    """Return a row for every record: its check (None of protein), its vector's k-mers, warnings."""
    import pandas as pd

    names = records.sequences.names
    notes = [[] for _ in names] if checks is None else _notes(checks, names)
    for note, used in zip(notes, genes.kmers_used.tolist(), strict=True):
        if not used and "no known base: it has no k-mer" not in note:
            note.insert(0, "no k-mer that this model knows: it has no vector")
    table = pd.DataFrame({"record": range(1, len(names) + 1), "name": [_short(n) for n in names]})
    table["length"] = records.sequences.lengths
    if checks is not None:
        table["GC %"] = 100 * checks.gc
        table["unknown bases"] = checks.unknown
        table["looks like"] = checking.verdicts(checks)
    table["warnings"] = [" · ".join(note) for note in notes]
    table["k-mers used"] = genes.kmers_used
    table["k-mers unknown"] = genes.kmers_unknown
    if len(records.files) > 1:
        table["file"] = [_short(records.files[i]) for i in records.file_of]
    return table


def _notes(checks: RecordChecks, names: Sequence[str]) -> list[list[str]]:
    return [checking.warnings(checks, names, i) for i in range(len(names))]


def nearest_table(
    names: Sequence[str],
    others: NearestGenes,
    found: Relatives | None,
    reference: Reference | None,
    used: Counts,
    random: Floats | None = None,
) -> "pd.DataFrame":
    """Return a row for every record: what is nearest among the records and in the reference.

    `found` and `reference` are None without reference genes; `used`, int64[R], counts k-mers;
    `random` holds the cosines of random pairs of reference genes, ascending.
    """
    import pandas as pd

    known = (used > 0) & (len(names) > 1)
    table = pd.DataFrame(
        {
            "record": range(1, len(names) + 1),
            "name": [_short(name) for name in names],
            "nearest of yours": _known(names, np.where(known, others.indices[:, 0], -1)),
            "its cosine": np.where(known, others.scores[:, 0], np.nan),
        }
    )
    if found is not None and reference is not None:
        rows = np.where(used > 0, found.indices, -1)
        table["nearest reference gene"] = _known(reference.names, rows)
        table["cosine"] = np.where(used > 0, found.cosines, np.nan)
        among = np.full(len(names), np.nan)
        if random is not None:
            among = np.where(used > 0, percentiles(found.cosines, random), np.nan)
            table["percentile"] = among
        measured = found.baselines
        table["Mash distance"] = measured.mash
        table["protein words"] = measured.protein
        table["related by"] = related_by(among, measured.mash, measured.protein)
        table["k-mer cosine"] = found.baselines.kmer_cosine
        table["itself in the reference"] = _known(reference.names, found.itself)
    return _without_unknown(table)


def _without_unknown(table: "pd.DataFrame") -> "pd.DataFrame":
    """Return a table without measures that no row has: older reference genes hold no words."""
    names = [name for name in WORD_MEASURES if name in table]
    empty = [name for name in names if (table[name].isna() | (table[name] == "")).all()]
    return table.drop(columns=empty)


def _known(names: Sequence[str], rows: NDArray[Any]) -> list[str]:
    """Return the names of some rows, "" for -1."""
    return [_short(names[i]) if i >= 0 else "" for i in rows.tolist()]


def reference_table(
    reference: Reference, cosines: Floats, among: Doubles, baselines: Paired, n: int
) -> "pd.DataFrame":
    """Return the `n` reference genes nearest to one record, and their ranks by other measures.

    `among` are the percentiles of the cosines among random pairs, float[R].
    """
    import pandas as pd

    rows = np.argsort(-cosines, kind="stable")[:n]
    mash = baselines.mash
    rank = np.empty(len(mash))
    rank[np.argsort(mash, kind="stable")] = np.arange(1, len(mash) + 1)
    rank[np.isnan(mash)] = np.nan
    table = pd.DataFrame(
        {
            "gene": [_short(reference.names[i]) for i in rows],
            "cosine": cosines[rows],
            "percentile": among[rows],
            "Mash distance": mash[rows],
            "rank by Mash": rank[rows],
            "protein words": baselines.protein[rows],
            "related by": related_by(among[rows], mash[rows], baselines.protein[rows]),
            "k-mer cosine": baselines.kmer_cosine[rows],
            "length": reference.lengths[rows],
            "accession": [_short(reference.ids[i]) for i in rows],
            "source": [_short(reference.sources[i]) for i in rows],
        }
    )
    return _without_unknown(table)


def matrix_csv(names: Sequence[str], cosines: Floats) -> bytes:
    """Return a matrix of cosines with the names above and beside it."""
    import pandas as pd

    labels = [harmless(_short(name)) for name in names]
    table = pd.DataFrame(cosines, labels, labels)
    data: bytes = table.to_csv(float_format="%.5f", index_label="name").encode()
    return data
