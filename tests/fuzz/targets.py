"""The readers as functions of bytes: what they read is used, what they refuse is one sentence.

``test_targets.py`` tries a few inputs of each, ``drive.py`` millions, led by their coverage.
"""

import gzip
import json
import math
import os
import struct
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import numpy as np
import safetensors.numpy

from bioskipgram.config import ClusterConfig, ProjectionConfig, TrainConfig
from bioskipgram.errors import BioSkipGramError
from bioskipgram.files import FileKind
from bioskipgram.genes import reference_file
from bioskipgram.genes.reference import from_sequences
from bioskipgram.groups import clusters, own_values
from bioskipgram.jobs.progress import Progress
from bioskipgram.jobs.status import Status as JobStatus
from bioskipgram.kmers.patterns import regex_of
from bioskipgram.kmers.tokenizer import KmerTokenizer
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.model import checkpoint, quality_file, stability
from bioskipgram.model.quality import Judged
from bioskipgram.model.stability import Stability
from bioskipgram.motifs.files import read_motifs
from bioskipgram.projection import projection
from bioskipgram.sequences import fasta, packed
from bioskipgram.sequences.headers import parse_header
from bioskipgram.sequences.upload import Limits, read_all
from bioskipgram.training import resume
from bioskipgram.training.recorder import Metric, Status, read_metrics
from bioskipgram.training.trainer import Training
from bioskipgram.variants import hgvs, null, reading
from bioskipgram.variants.coding import coding_sequences
from dashboard.shared import session_file
from dashboard.shared.findings import KINDS, Finding

if TYPE_CHECKING:
    from bioskipgram.sequences.sequences import BadRecord

FOLDER = Path(tempfile.mkdtemp(prefix="bioskipgram-fuzz-"))
LONGEST = 4096
"""Bytes of an input that are looked at."""
RECORDS = b">HBB\nATGGTGCATCTGACTCCTGAGGAGAAGTAA\n>x [transl_table=2]\nATACATTGANNGTAG\n"
SEQUENCES = fasta.read(RECORDS + b">part [cds=join(3..8,12..17)]\nCCATGGTGCATAAGTAACCCGTAC\n")
GENES = coding_sequences(SEQUENCES)
CODONS = Vocabulary.from_counts(KmerTokenizer(3), np.ones(64, np.int64))


def checked(error: BioSkipGramError) -> None:
    """Raise unless an error is one printable sentence of at most 300 characters."""
    text = str(error)
    assert text.isprintable(), repr(text)
    assert 0 < len(text) <= 300, len(text)


def try_input(name: str, data: bytes) -> bool:
    """Give an input to a target; return whether it was read. Any other error is passed on."""
    try:
        TARGETS[name].read(data[:LONGEST])
    except BioSkipGramError as error:
        checked(error)
        return False
    return True


@dataclass(frozen=True)
class Target:
    """A reader of bytes, and inputs from which others are made."""

    read: Callable[[bytes], object]
    seeds: tuple[bytes, ...]


# Text ----------------------------------------------------------------------------------------


def _records(data: bytes) -> None:
    bad: list[BadRecord] = []
    small = Limits(file_bytes=LONGEST, bases=2000, records=40, length=1000)
    uploaded = read_all([("x", data)], limits=small)
    assert len(uploaded.sequences.codes) <= small.bases
    found = fasta.read(data, bad=bad)
    assert len(found.codes) == found.offsets[-1]
    for one in bad:
        assert one.reason
        assert one.line >= 1
    for line in found.descriptions:
        assert line.isprintable()
        parse_header(line)
    coding_sequences(found)


def _gzip(data: bytes) -> None:
    _records(gzip.compress(data[2:], 1) if data[:2] == b"re" else b"\x1f\x8b" + data)


def _variants(data: bytes) -> None:
    listed = reading.read(data, GENES, record=0 if data[:1] == b"c" else None)
    for problem in listed.problems:
        checked(BioSkipGramError(problem.reason))
        assert problem.line >= 1
        assert len(problem.text) <= 80
    assert isinstance(listed.verdict, str)


def _hgvs(data: bytes) -> None:
    for name in hgvs.names_in(data.decode("utf-8", "replace")):
        hgvs.parse(name, GENES, record=0)


def _motifs(data: bytes) -> None:
    for motif in read_motifs(data):
        assert np.allclose(motif.shares().sum(axis=1), 1)
        assert motif.name.isprintable()
        assert len(motif.consensus) == len(motif)


def _own_values(data: bytes) -> None:
    for one in own_values.read_values(data, CODONS):
        assert one.title.isprintable()
        assert len(one.values) == 64


def _regex(data: bytes) -> None:
    regex_of(f"/{data.decode('utf-8', 'replace')}/")


def _written(data: bytes, name: str) -> Path:
    path = FOLDER / f"{os.getpid()}-{name}"
    path.write_bytes(data)
    return path


def _status(data: bytes) -> None:
    path = _written(data, "status.json")
    kind = Status if b"source" in data else JobStatus
    found = kind.read(path)
    f"{found.stage} {found.share:.0%} {found.seconds_left or 0:.0f} {found.error}".encode()
    json.dumps(asdict(found))


def _metrics(data: bytes) -> None:
    for line in read_metrics(_written(data, "metrics.jsonl")):
        f"{line['loss']:.4f} {line['step']:,} {line['seconds']:.0f}".encode()


def _session(data: bytes) -> None:
    found = session_file.read(data, frozenset(KINDS.values()))
    assert session_file.read(session_file.write(found), frozenset(KINDS.values())) == found
    urlencode(found.settings, doseq=True)


def _report(data: bytes) -> None:
    for one in quality_file.load(_written(data, "quality.json")).measures.values():
        assert all(map(math.isfinite, (one.value, *one.seeds)))


# Sealed files: what is changed is sealed again -------------------------------------------------

_DTYPES = ("<f2", "<f4", "<f8", "<i4", "<i8", "|u1", "|b1", "<i2", "<u2")
_NUMBERS = (0, 1, -1, 2, 3, 255, 1e38, -1e38, 2**31 - 1, -(2**31), 2.0**62, math.nan, math.inf, 0.5)
_VALUES = (
    None, True, 0, -1, 1, 2**31, 2**63, 10**12, 10**400, 0.5, 1e999, "", "x", "RNA", "nan", [], {},
    "9" * 5000, [[]], {"k": 6}, [None], "\ud800", "2026-01-01T00:00:00+00:00",
)  # fmt: skip


class Choices:
    """Bytes as a row of decisions; after their end always the first choice."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    @property
    def left(self) -> bool:
        """Whether bytes are left."""
        return self._at < len(self._data)

    def below(self, most: int) -> int:
        """Return a number from 0 to `most` - 1."""
        self._at += 1
        one = self._data[self._at - 1] if self._at <= len(self._data) else 0
        return one % most

    def of(self, values: Any) -> Any:
        """Return one of some values."""
        return values[self.below(len(values))]


def _tensor(choices: Choices) -> np.ndarray[Any, Any]:
    shape = [choices.below(7) for _ in range(choices.below(4))]
    with np.errstate(all="ignore"):
        filled = np.array([choices.of(_NUMBERS) for _ in range(math.prod(shape))]).reshape(shape)
        return filled.astype(choices.of(_DTYPES))


def _nudged(array: np.ndarray[Any, Any], choices: Choices) -> np.ndarray[Any, Any]:
    """Return an array with one value changed."""
    flat = array.copy().reshape(-1)
    if len(flat):
        with np.errstate(all="ignore"):
            flat[choices.below(256) % len(flat)] = np.array(choices.of(_NUMBERS)).astype(flat.dtype)
    return flat.reshape(array.shape)


def _changed(value: Any, choices: Choices) -> Any:
    """Return a JSON value with one place changed."""
    if isinstance(value, dict) and value and choices.below(4):
        name = choices.of(sorted(value))
        if not choices.below(5):
            return {key: each for key, each in value.items() if key != name}
        return value | {name: _changed(value[name], choices)}
    if isinstance(value, list) and value and choices.below(3):
        at = choices.below(len(value))
        return [*value[:at], _changed(value[at], choices), *value[at + 1 :]]
    return choices.of(_VALUES)


def sealed(kind: FileKind, save: Callable[[Path], Any], load: Callable[[Path], Any]) -> Target:
    """Return a target that changes tensors and facts of a good file and seals it again."""
    good = FOLDER / f"{os.getpid()}-good-{kind.format.replace('/', '-') or 'cache'}"
    kept: list[tuple[Any, dict[str, str]]] = []

    def read(data: bytes) -> None:
        if not kept:
            save(good)
            kept.append(FileKind().read(good, lambda tensors, facts: (tensors, facts)))
        tensors, facts = dict(kept[0][0]), dict(kept[0][1])
        choices = Choices(data)
        while choices.left:
            if what := choices.below(3):
                name = choices.of(sorted(tensors))
                tensors[name] = _tensor(choices) if what == 1 else _nudged(tensors[name], choices)
            elif names := sorted({*facts} - {"format", "sha256"}):
                name = choices.of(names)
                facts[name] = _text(facts[name], choices)
        plain = {k: v for k, v in facts.items() if k not in ("format", "sha256")}
        path = FOLDER / f"{os.getpid()}-changed"
        metadata = {"format": kind.format, **plain, "sha256": kind.seal(tensors, plain)}
        path.write_bytes(safetensors.numpy.save(tensors, metadata if kind.format else plain))
        load(path)

    return Target(read, (b"", b"\1\0\2\4\2\1\1\1\1\1\1\1\1\1", b"\0\0\1\2\3", b"\0\0\1\1\1\1\4\7"))


def _text(fact: str, choices: Choices) -> str:
    try:
        value = json.loads(fact)
    except ValueError:
        value = fact
    return json.dumps(_changed(value, choices)).encode("utf-8", "replace").decode()


def _bytes(load: Callable[[Path], Any], save: Callable[[Path], Any]) -> Target:
    """Return a target of raw safetensors bytes."""
    path = FOLDER / f"{os.getpid()}-raw-seed"
    save(path)
    data = path.read_bytes()
    header = json.dumps({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}).encode()
    other = struct.pack("<Q", len(header)) + header + b"\0\0\0\0"
    return Target(lambda given: load(_written(given, "raw")), (data[:LONGEST], other, b""))


def _model() -> Any:
    training = Training(SEQUENCES, SMALL)
    for _ in training:
        pass
    return training.embedding()


SMALL = TrainConfig(k=1, dim=2, window=2, steps=3, threads=1, device="cpu")


def _use_model(path: Path) -> None:
    model = checkpoint.load(path)
    assert np.isfinite(model.unit).all()
    json.dumps(model.info.to_dict(), allow_nan=False)
    f"{model.info.loss or 0:.4f} {model.info.seconds:.1f} {model.info.source[:9]}".encode()


def _save_state(path: Path) -> None:
    training = Training(SEQUENCES, SMALL)
    next(iter(training))
    resume.save(training, path)


def _restore(path: Path) -> None:
    training = Training(SEQUENCES, SMALL)
    resume.restore(training, path)
    for progress in training:
        f"{progress.loss:.4f} {progress.step:,} {training.seconds:.0f}".encode()


def _use_reference(path: Path) -> None:
    found = reference_file.load(path)
    assert len(found.names) == len(found.lengths)


def _use_layout(path: Path) -> None:
    found = projection.load(path, size=4)
    assert np.isfinite(found.points).all()
    assert found.points.shape[1] == found.config.dimensions


def _use_clusters(path: Path) -> None:
    found = clusters.load(path, size=4)
    assert clusters.label_points(np.zeros((4, 2), np.float32), found).shape == (len(found), 2)


def _use_index(path: Path) -> None:
    found = packed.load(path).sequences
    assert len(found.codes) == found.offsets[-1]


def _use_stability(path: Path) -> None:
    one, _ = stability.load(path)
    assert one.tokens.shape == one.counts.shape


_layout = projection.Projection(ProjectionConfig(), np.zeros((4, 2), np.float32), 0.9)
_labels = clusters.Clusters(ClusterConfig(), np.array([0, 1, -1, 0], np.int32))
_nearest = np.array([[1, 2], [0, 2], [0, 1], [0, 1]], np.int32)
_null = null.ContextNull(np.zeros((3, 64, 4, null.Q), np.float32), np.ones((64, 4), np.int64))
_DETAILS = asdict(Progress(1, 2, 0.5, 0.1, 1e6, 3.0))
_NOW = "2026-01-01T12:00:00+00:00"
_RUN = asdict(Status(process=1, source="x.fa", config={"k": 6}, started=_NOW, updated=_NOW))
_QUALITY = {"format": quality_file.FORMAT, "digest": "a", "source": "b", "sha256": "c",
            "version": "1", "measures": {"frame": asdict(Judged(0.5, (0.5,), {"bases": (0.1,)},
                                                               {"rule": 0.2}))}}  # fmt: skip
_SESSION = session_file.Session(
    "m", "d", "explore", {"kmer": "ATG", "colours": ["gc", "count"]},
    (Finding("k-mers", "two", "ATG GCC"),), (Finding("motifs", "one", "WGATAR"),),
)  # fmt: skip
_MATRIX = b"0.6 0.2 0.1 0.1\n1 0 0 0\n"

TARGETS = {
    "FASTA": Target(_records, (RECORDS, b">a\r\nACGTN\r\n;c\r\n>b [cds=2..4]\r\nacgu-\r\n",
                               b"##gff-version 3\na\tx\n##FASTA\n>a\nACGT\n", b"  >a\nACGT>b\n",
                               b"CLUSTAL W\n", b"@r\nACGT\n+\nFFFF\n", b"2 3\nAAA 0.1 0.2\n")),
    "GenBank": Target(_records, (
        b"LOCUS       x 8 bp DNA\nDEFINITION  d.\nACCESSION   x\nVERSION     x.1\nFEATURES     L\n"
        b'     CDS             join(1..3,\n                     5..8)\n             /gene="G"\n'
        b"                     /transl_table=2\n                     /codon_start=2\nORIGIN\n"
        b"        1 acgtacgt\n//\n",
        b"LOCUS x 4 bp\nFEATURES\n     CDS   complement(<1..>4)\nORIGIN\n 1 acgt\n//\nLOCUS y\n")),
    "EMBL": Target(_records, (
        b"ID   X; SV 1; linear; DNA; STD; HUM; 8 BP.\nAC   X;\nDE   d\n"
        b'FT   CDS             1..6\nFT                   /gene="G"\nSQ   Sequence 8 BP;\n'
        b"     acgtacgt  8\n//\n", b"ID X standard; 4 BP.\nSV X.2\nSQ x\n acgt 4\n")),
    "gzip": Target(_gzip, (b"re>a\nACGT\n", b"re", gzip.compress(RECORDS, mtime=0)[2:])),
    "VCF": Target(_variants, (
        b"##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
        b"HBB\t20\trs334\tA\tT,C\t.\tPASS\tCSQ=x:c.1A>T\nx\t1\t.\tA\t<DEL>\nx\t1\t.\tA\tA[x:9[\n",
        b"part\t4\t.\tT\tTA\n")),
    "MAF and lists": Target(_variants, (
        b"HBB 20 21 - AG\nHBB\t20\t22\tAGG\t-\nHBB 21 20 - A\nHBB 20 A T\n20 A T\n",
        b"c.20A>T, x:c.1A>G; HBB:c.[20A>T;25A>C]\npart:c.5T>A\n")),
    "HGVS": Target(_hgvs, (
        b"HBB:c.20A>T", b"NM_000518.5(HBB):c.20_22delinsTTT (p.Glu7Val)", b"c.19_21inv",
        b"HBB:c.[20A&gt;T;25A>C], part:c.4_5insC", b"x:c.9dup", b"HBB:p.Glu7Val", b"c.*3A>G")),
    "motif files": Target(_motifs, (
        b'MEME version 4\nALPHABET "DNA" DNA-LIKE\nA ~ T\nC ~ G\nEND ALPHABET\nMOTIF 1 A\n'
        b"letter-probability matrix: alength= 4 w= 2 nsites= 9.5 E= 0\n" + _MATRIX,
        b"VV x\n//\nAC\tK\nID\tK.X\nP0\tA\tC\tG\tT\n01\t3\t2\t4\t45\tN\n02 1 1 1 1\nXX\n//\n",
        b">M x\nA [ 70 900 4 ]\nC [ 24 4 0 ]\nG [ 3 22 5 ]\nT [ 900 29 5 ]\n",
        b">GATA\tmy\t6.05\n" + _MATRIX, b"DE\tG\n0\t1\t2\t3\t4\tA\nXX\n",
        b"Pos\tA\tC\tG\tU\n1\t0.1\t0.2\t0.3\t0.4\n", b"Protein: G\tx\nA:\t1\nC:\t1\nG:\t1\nT:\t2\n",
    )),
    "own values": Target(_own_values, (b"codon,usage\nAAA,0.5\nTTT,2\n", b"AAA\t1\tx\nCCC\tNA\ty\n",
                                       b'"kmer";"a,b"\n"AAC";"1e3"\n', b"AAA|1\nAAA|2\n")),
    "regular expressions": Target(_regex, (b"^(...)*?TA[AG]", b"(?:GATTC){s<=1}", b"A{2,30}(?=C)",
                                           b"(?:(?:A{1000}){1000}){9}", b"(?P<a>A)(?(a)C|G)")),
    "run status": Target(_status, (json.dumps(_RUN).encode(),
                                   json.dumps(_RUN | {"progress": _DETAILS}).encode(),
                                   json.dumps(asdict(JobStatus(process=1))).encode())),
    "session file": Target(_session, (session_file.write(_SESSION),)),
    "metrics": Target(_metrics, (
        json.dumps(asdict(Metric(1, 2, 0.5, 0.1, 1e6, 3.0, 4.0))).encode() + b"\n{}\n",)),
    "quality report": Target(_report, (json.dumps(_QUALITY).encode(),)),
    "safetensors bytes": _bytes(_use_layout, lambda path: projection.save(_layout, path)),
    "model": sealed(checkpoint.MODEL, lambda path: checkpoint.save(_model(), path), _use_model),
    "training state": sealed(resume.STATE, _save_state, _restore),
    "layout": sealed(
        projection.LAYOUT, lambda path: projection.save(_layout, path), _use_layout
    ),
    "clusters": sealed(
        clusters.CLUSTERS, lambda path: clusters.save(_labels, path), _use_clusters
    ),
    "reference genes": sealed(
        reference_file.GENES,
        lambda path: reference_file.save(from_sequences(_model(), SEQUENCES), path), _use_reference,
    ),
    "sequence index": sealed(
        packed.SEQUENCES,
        lambda path: packed.save(packed.SequenceIndex(SEQUENCES, "x.fa", "0"), path), _use_index,
    ),
    "stability": sealed(
        stability.FILE,
        lambda path: stability.save(Stability(_nearest, np.ones((4, 2), np.int32), 3), "d", path),
        _use_stability,
    ),
    "null of variants": sealed(null.TABLE, lambda path: null.save(_null, path), null.load),
}  # fmt: skip
