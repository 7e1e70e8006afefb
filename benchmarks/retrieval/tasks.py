"""What is looked for: records, who asks, who is right, who counts at all."""

import csv
import gzip
import re
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from bioskipgram.sequences import fasta
from bioskipgram.sequences.sequences import Sequences

SAYS_NOTHING = re.compile(r"C\d+ORF|CXORF|KIAA|LOC|FAM|TMEM|CCDC")
"""Symbols that name a place, a number or a feature, not a kin."""
NO_GENE = re.compile(r"XLOC_\d+|HCGV|\.?$", re.IGNORECASE)
"""Names of loci an assembler made up, of whole regions, and none."""


@dataclass(frozen=True)
class Task:
    """One question, asked of R records by Q of them.

    Attributes
    ----------
    name, meaning
        What is asked, in two words and in a sentence.
    queries
        int64[Q], the records that ask.
    families
        int64[Q], the family of each; the figure is a mean over families.
    right, counted
        bool[Q, R], which records are to be found, and which are ranked at all.
    families_given
        The families are all there are, no sample of families: an interval is about the queries.
    """

    name: str
    meaning: str
    queries: np.ndarray
    families: np.ndarray
    right: np.ndarray
    counted: np.ndarray
    families_given: bool = False

    def __post_init__(self) -> None:
        if not self.right.any(axis=1).all() or (self.right & ~self.counted).any():
            raise ValueError(f"{self.name}: each query needs something right, and that counted")


@dataclass(frozen=True)
class Collection:
    """Records, and the tasks asked of them."""

    records: Sequences
    tasks: tuple[Task, ...]


def remote_relatives(
    name: str, meaning: str, families: np.ndarray, groups: np.ndarray, alike: np.ndarray
) -> Task:
    """Return the task of finding one's family without the near duplicates.

    Parameters
    ----------
    name, meaning
        Of the task.
    families
        str[R], "" for a record that belongs to none; it is wrong for every query.
    groups
        int64[R]. Records of the query's group are neither right nor wrong.
    alike
        str[R]. Records of another family with the same word here may be kin and are neither
        right nor wrong.
    """
    family, kin = (np.unique(texts, return_inverse=True)[1] for texts in (families, alike))
    same, apart = family[:, None] == family, groups[:, None] != groups
    right = same & apart & (families != "")[:, None]
    counted = apart & (same | (kin[:, None] != kin))
    queries = np.flatnonzero(right.any(axis=1))
    return Task(name, meaning, queries, family[queries], right[queries], counted[queries])


def drawn(task: Task, keep: np.ndarray) -> Task:
    """Return the task with some of its queries only; `keep` are rows."""
    return replace(
        task,
        queries=task.queries[keep],
        families=task.families[keep],
        right=task.right[keep],
        counted=task.counted[keep],
    )


def root(symbol: str) -> str:
    """Return a family's name out of a symbol, "" if it tells none.

    A letter after a number goes (ABCA1B -> ABCA1), then the number (ABCA1 -> ABCA). The globins,
    whose members have letters without numbers (HBB, HBD, HBE1, HBG1, HBG2), are the one exception.
    """
    symbol = symbol.upper()
    if re.fullmatch(r"HB[ABDEGMQZ]\d?", symbol):
        return "HB"
    stem = re.sub(r"\d+$", "", re.sub(r"(?<=\d)[A-Z]$", "", symbol))
    return "" if len(stem) < 3 or SAYS_NOTHING.match(stem) else stem


def symbols(data: Path) -> Collection:
    """Return the families by gene symbol, one coding sequence for each gene.

    The groups are those of ``clusters_full_orf.tsv``, made again with the named genes among the
    records: two genes are of one group too where only isoforms of theirs link them.
    """
    records = fasta.read(data / "human_cds" / "named_human_cds.fa.gz")
    full = fasta.read(data / "human_cds" / "human_cds_full_orf.fa.gz")
    groups = shared_60mers(full, records)[len(full) :]
    families = np.array([root(name) for name in records.names])
    stems = np.array([name[:3].upper() for name in records.names])
    meaning = "genes whose symbols differ in their member's number or letter"
    return Collection(records, (remote_relatives("symbols", meaning, families, groups, stems),))


def classes(data: Path) -> Collection:
    """Return the seven families of the "DNA sequence" set, exact duplicates dropped."""
    folder = data / "kaggle_families"
    lines = gzip.decompress((folder / "human_data.txt.gz").read_bytes()).decode().split("\n")[1:]
    rows = dict.fromkeys(tuple(line.split("\t")) for line in lines if line)
    records = fasta.read("".join(f">r\n{text}\n" for text, _ in rows).encode())
    families = np.array([family for _, family in rows])
    groups = shared_60mers(records)
    meaning = "seven large classes of genes; the first record of each 60-mer group asks"
    every = remote_relatives("classes", meaning, families, groups, families)
    every = replace(every, families_given=True)
    first = np.unique(groups[every.queries], return_index=True)[1]
    return Collection(records, (drawn(every, np.sort(first)),))


def isoforms(data: Path) -> Collection:
    """Return the isoforms of a gene: all of them, and those that share no 60-mer with the query.

    Records are the named ones of ``human_cds_full_orf`` (no exact duplicates in it). An isoform
    group is all records under one gene symbol that share a group of ``clusters_full_orf.tsv`` or
    not. *Near*: right are the gene's other records, wrong all records of other genes, paralogs
    that share exact 60-mers with the query too; one drawn record of each gene asks. *Remote*: the
    query's group is left out, which leaves of a gene only what it reads from other exons or in
    another frame; genes with the same first three letters are neither right nor wrong.
    """
    folder = data / "human_cds"
    every = fasta.read(folder / "human_cds_full_orf.fa.gz")
    with (folder / "clusters_full_orf.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    if len(rows) != len(every):
        raise SystemExit(f"clusters_full_orf.tsv: {len(rows)} rows for {len(every)} records")
    kept = [i for i, row in enumerate(rows) if not NO_GENE.match(row["gene"])]
    genes = np.array([rows[i]["gene"].upper() for i in kept])
    groups = np.array([int(rows[i]["cluster"]) for i in kept])
    each = np.arange(len(kept))
    near = remote_relatives("isoforms, near", _NEAR, genes, each, each.astype(str))
    order = np.random.default_rng(1).permutation(len(near.queries))
    one = order[np.unique(near.families[order], return_index=True)[1]]
    stems = np.array([gene[:3] for gene in genes])
    remote = remote_relatives("isoforms, remote", _REMOTE, genes, groups, stems)
    return Collection(only(every, kept), (drawn(near, np.sort(one)), remote))


_NEAR = "records of one gene: near relatives, an easy task; one drawn record of each gene asks"
_REMOTE = "records of one gene that share no 60-mer with the query, directly or by way of others"
TASKS = {"symbols": symbols, "classes": classes, "isoforms": isoforms}


def only(records: Sequences, kept: list[int]) -> Sequences:
    """Return some of the records."""
    offsets = np.concatenate([[0], np.cumsum(records.lengths[kept])])
    return Sequences(
        tuple(records.names[i] for i in kept),
        tuple(records.descriptions[i] for i in kept),
        np.concatenate([records[i] for i in kept]),
        offsets.astype(np.int64),
        records.alphabet,
    )


def shared_60mers(*parts: Sequences) -> np.ndarray:
    """Return the group of each record: those that share a 60-mer, directly or by way of others."""
    codes = np.concatenate([part.codes for part in parts]).astype(np.uint64)
    ends = np.cumsum(np.concatenate([part.lengths for part in parts]))
    last = max(len(codes) - 59, 0)
    half = np.zeros(last + 30, np.uint64)
    for offset in range(30):
        half = (half << np.uint64(2)) | (codes[offset : offset + len(half)] & np.uint64(3))
    mixed = half[:last] * np.uint64(0x9E3779B97F4A7C15) ^ half[30:] * np.uint64(0xC2B2AE3D27D4EB4F)
    record = np.searchsorted(ends, np.arange(last), side="right")
    unknown = np.concatenate([[0], np.cumsum(codes > 3)])
    whole = (np.arange(last) + 60 <= ends[record]) & (unknown[60:] == unknown[:-60])
    mixed, record = mixed[whole], record[whole]
    order = np.argsort(mixed, kind="stable")
    alike = mixed[order][1:] == mixed[order][:-1]
    edges = record[order][1:][alike], record[order][:-1][alike]
    graph = coo_matrix((np.ones(len(edges[0])), edges), (len(ends), len(ends)))
    groups: np.ndarray = connected_components(graph, directed=False)[1]
    return groups
