"""Full sets of coding sequences of a species, from NCBI and Ensembl, checked and resumable.

NCBI Datasets says which assembly is the reference of a species; its file of coding sequences and
the MD5 of it are in the archive of genomes. Ensembl describes the files of a species in a file
CHECKSUMS, with the sums of the command ``sum``.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import numpy as np

from bioskipgram.errors import ConfigError, FastaError

from .fetch import Tell, fetch, opened

DIVISIONS = ("vertebrates", "plants", "fungi", "metazoa", "protists")
"""The parts of Ensembl."""
_NCBI_DATASETS = "https://api.ncbi.nlm.nih.gov"
_NCBI_GENOMES = "https://ftp.ncbi.nlm.nih.gov"
_ENSEMBL = "https://ftp.ensembl.org"
_ENSEMBL_GENOMES = "https://ftp.ensemblgenomes.ebi.ac.uk"
_LONGEST_LIST = 1 << 22
_BLOCK = 1 << 20


@dataclass(frozen=True)
class Remote:
    """A file of coding sequences: its address, its own name, and what its bytes sum up to.

    `checksum` is "md5:<32 digits>" or "sum:<sum> <blocks of 1,024 bytes>".
    """

    address: str
    name: str
    checksum: str
    about: str


def ensembl(
    species: str, *, release: int = 0, division: str = "vertebrates", base: str = ""
) -> Remote:
    """Return the coding sequences of a species ("homo_sapiens") in Ensembl; release 0 = newest.

    A ConfigError for a name that is none, a FastaError if Ensembl does not have it.
    """
    name = "_".join(species.lower().split())
    if not re.fullmatch(r"[a-z0-9_]{3,100}", name):
        raise ConfigError(f"{species!r:.60} is no species of Ensembl; give homo_sapiens, say")
    if division == "vertebrates":
        folder = f"release-{release}/fasta" if release else "current_fasta"
        where = f"{base or _ENSEMBL}/pub/{folder}/{name}/cds"
    else:
        folder = f"release-{release}" if release else "current"
        where = f"{base or _ENSEMBL_GENOMES}/pub/{folder}/{division}/fasta/{name}/cds"
    for line in _text(f"{where}/CHECKSUMS").splitlines():
        found = re.fullmatch(r"(\d{1,5})\s+(\d{1,9})\s+([\w.-]+\.cds\.all\.fa\.gz)", line.strip())
        if found:
            checksum = f"sum:{int(found[1])} {int(found[2])}"
            return Remote(f"{where}/{found[3]}", found[3], checksum, f"Ensembl, {name}")
    raise FastaError(f"{where}/CHECKSUMS: no file of coding sequences is listed")


def ncbi(species: str, *, base: str = "") -> Remote:
    """Return the coding sequences of a species ("human", 9606) or assembly ("GCF_000001405.40").

    Of a species its reference genome. A ConfigError for a name that is none, a FastaError if
    NCBI has no annotated genome of it.
    """
    if not re.fullmatch(r"[\w .-]{2,100}", species):
        raise ConfigError(
            f"{species!r:.60} is no species or assembly; give human or GCF_000001405.40"
        )
    by = "accession" if re.fullmatch(r"GC[AF]_\d{9}\.\d+", species) else "taxon"
    asked = f"{base or _NCBI_DATASETS}/datasets/v2/genome/{by}/{quote(species)}/dataset_report"
    asked += "?page_size=1" + "&filters.reference_only=true" * (by == "taxon")
    try:
        report = json.loads(_text(asked))["reports"][0]
        accession, assembly = report["accession"], report["assembly_info"]["assembly_name"]
        number = re.fullmatch(r"(GC[AF])_(\d{3})(\d{3})(\d{3})\.\d+", accession)
        title = f"{accession}_{re.sub(' ', '_', assembly)}"
        about = f"NCBI, {report['organism']['organism_name']}, {accession}"
    except (ValueError, TypeError, KeyError, IndexError, RecursionError) as error:
        raise FastaError(f"{asked}: no genome of {species} is described there") from error
    if number is None or not re.fullmatch(r"[\w.+-]{1,200}", title):
        raise FastaError(f"{asked}: {title!r:.80} is no assembly")
    where = f"{base or _NCBI_GENOMES}/genomes/all/{'/'.join(number.groups())}/{title}"
    name = f"{title}_cds_from_genomic.fna.gz"
    found = re.search(
        rf"^([0-9a-f]{{32}})\s+\./{re.escape(name)}$", _text(f"{where}/md5checksums.txt"), re.M
    )
    if found is None:
        raise FastaError(f"{where}: this assembly has no file of coding sequences")
    return Remote(f"{where}/{name}", name, f"md5:{found[1]}", about)


def download(remote: Remote, folder: Path, tell: Tell = lambda done, of: None) -> Path:
    """Fetch a file into a folder and return its path; a whole one that is there is kept.

    What an earlier attempt left is continued. A FastaError if it cannot be fetched or written, or
    if its checksum is not the one stated: nothing is put in place then.
    """
    path = folder / remote.name
    key = hashlib.sha256(f"{remote.address} {remote.checksum}".encode()).hexdigest()[:12]
    part = folder / f".{remote.name}-{key}.part"
    try:
        if path.exists() and checksum(path, remote.checksum) == remote.checksum:
            return path
        folder.mkdir(parents=True, exist_ok=True)
        fetch(remote.address, part, tell=tell)
        found = checksum(part, remote.checksum)
        if found != remote.checksum:
            part.unlink()
            raise FastaError(
                f"{remote.name}: its checksum is {found}, not {remote.checksum}; download it again"
            )
        part.replace(path)
    except OSError as error:
        raise FastaError(f"{folder}: cannot be written ({error.strerror or error})") from error
    return path


def checksum(path: Path, like: str) -> str:
    """Return the checksum of a file, of the same kind as another one."""
    with path.open("rb") as file:
        if like.startswith("md5:"):
            digest = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False))
            return f"md5:{digest.hexdigest()}"
        from .sum_kernel import rotated_sum

        total = size = 0
        while block := file.read(_BLOCK):
            total = rotated_sum(np.frombuffer(block, np.uint8), total)
            size += len(block)
    return f"sum:{total} {-(-size // 1024)}"


def _text(where: str) -> str:
    with opened(where) as answer:
        text: bytes = answer.read(_LONGEST_LIST)
    return text.decode("utf-8", "replace")
