"""Whatever bytes are given as sequences: records or one sentence, the same by every reader.

``FUZZ=100000 python -m pytest tests/fuzz/test_sequences.py`` tries so many of each kind.
"""

import gzip
import json
import os
import tempfile
from pathlib import Path

import numpy as np
import safetensors.numpy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bioskipgram.config import TrainConfig
from bioskipgram.counting.stream import Counting
from bioskipgram.errors import BioSkipGramError, FastaError, QueryError
from bioskipgram.kmers.patterns import regex_of
from bioskipgram.sequences import fasta, packed
from bioskipgram.sequences.alphabet import ALPHABETS
from bioskipgram.sequences.headers import parse_header
from bioskipgram.sequences.sequences import BadRecord, Sequences
from bioskipgram.sequences.upload import Limits, read_all

EXAMPLES = int(os.environ.get("FUZZ", "40"))
FUZZ = settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None
)
PIECES = st.sampled_from(
    [
        b">",
        b">a b\n",
        b"\n",
        b"\r\n",
        b"\r",
        b";",
        b"ACGT",
        b"NNNN",
        b"MKLV",
        b"RYKM" * 6,
        b"!",
        b" ",
        b"\0",
        b"\xff",
        b"//\n",
        b"LOCUS ",
        b"LOCUS       x 8 bp DNA\n",
        b"ORIGIN\n",
        b"        1 acgt\n",
        b"VERSION     .\n",
        b"FEATURES             Location\n",
        b"     CDS             1..",
        b"9" * 5000,
        b'                     /gene="',
        b"                     /transl_table=",
        b"ID   ",
        b"SQ   \n",
        b"ID   X; SV 1; 8 BP.\n",
        b"##gff-version 3\n",
        b"##FASTA\n",
        b"#NEXUS\n",
        b"@HD\t",
        b"2 3\nA 1\n",
        b"CLUSTAL",
        b"complement(join(",
        b"\x1f\x8b",
        b"\xef\xbb\xbf",
    ]
)
TEXTS = st.builds(
    bytes.__add__,
    st.sampled_from([b"", b">a\n", b"LOCUS       x 8 bp\n", b"ID   X; SV 1; 8 BP.\n"]),
    st.lists(st.one_of(PIECES, st.binary(max_size=6)), max_size=14).map(b"".join),
)
SMALL = Limits(file_bytes=5000, bases=60, records=4, length=30)


def one_sentence(error: BioSkipGramError) -> None:
    text = str(error)
    assert text.isprintable()
    assert 0 < len(text) <= 300


@FUZZ
@given(TEXTS, st.sampled_from(sorted(ALPHABETS)), st.booleans())
def test_any_bytes_are_records_or_one_sentence(raw: bytes, name: str, zipped: bool) -> None:
    data, alphabet = gzip.compress(raw, 1) if zipped else raw, ALPHABETS[name]
    bad = list[BadRecord]()
    found: Sequences | None = None
    try:
        found = fasta.read(data, alphabet=alphabet, bad=bad)
    except FastaError as error:
        one_sentence(error)
    try:
        strict = fasta.read(data, alphabet=alphabet)
    except FastaError as error:
        one_sentence(error)
    else:
        assert found is not None
        kept = [i for i in range(len(strict)) if strict.lengths[i]]
        assert [strict.text(i) for i in kept] == list(map(found.text, range(len(found))))
        assert all(one.reason == "a header without a sequence" for one in bad)
    tolerant = read_all([("x", data), ("y", b">good\nACGTTGCA\n")], alphabet=alphabet)
    if found is not None:
        assert tolerant.sequences.names[: len(found)] == found.names
        assert [(one.name, one.line) for one in bad] == [
            (one.name, one.line) for one in tolerant.bad if one.file == "x"
        ]
    small = read_all([("x\n\x1b" * 200, data)], alphabet=alphabet, limits=SMALL)
    assert len(small.sequences.codes) <= SMALL.bases
    assert len(small) <= SMALL.records


@FUZZ
@given(TEXTS, st.integers(1, 40))
def test_any_bytes_are_counted_as_they_are_read(raw: bytes, block: int) -> None:
    config, bad, listed = (
        TrainConfig(k=2, window=2, threads=1),
        list[BadRecord](),
        list[BadRecord](),
    )
    try:
        found = fasta.read(raw, bad=bad)
    except FastaError as error:
        said = str(error)
    else:
        said = ""
    counting = Counting(raw, config, bad=listed, block=block)
    told = ""
    try:
        list(counting)
    except FastaError as error:
        told = str(error)
    assert told == said
    if not told:
        assert listed == bad
        assert (counting.records, counting.bases) == (len(found), len(found.codes))


@FUZZ
@given(
    st.text(max_size=300)
    | st.lists(
        st.sampled_from(
            [
                " [gene=",
                "]",
                " [cds=",
                "join(",
                "1..9",
                "9" * 5000,
                " [transl_table=",
                "(",
                "),",
                "lcl|",
                " gene_symbol:",
                "|",
                "NM_1.1 ",
            ]
        ),
        max_size=20,
    ).map("".join)
)
def test_any_header_is_parsed(line: str) -> None:
    assert parse_header(line).transl_table < 1000


@FUZZ
@given(
    st.lists(
        st.sampled_from(
            [
                "A",
                "N",
                "(",
                "(?:",
                "(?=",
                "(?<=",
                ")",
                "|",
                "*",
                "+?",
                "{3}",
                "{20,}",
                "{,9}",
                "{999}",
                "[",
                "]",
                "^",
                "-",
                "\\",
                "\\p{L}",
                "(?x)",
                "#",
                "{s<=2}",
                "{e}",
                "(?P<a>",
                "(?(1)",
                "\\1",
                "\\g<a>",
                "\\L<a>",
                "\\N{",
                "(?#",
                "\0",
                "é",
                "9" * 50,
            ]
        ),
        max_size=40,
    ).map("".join)
)
def test_any_expression_is_compiled_or_one_sentence(inner: str) -> None:
    try:
        regex_of(f"/{inner}/")
    except QueryError as error:
        one_sentence(error)


@FUZZ
@given(
    st.dictionaries(
        st.sampled_from(["bases", "headers", "names", "offsets", "unknown"]),
        st.one_of(
            st.lists(st.integers(-(2**63), 2**63 - 1), max_size=4).map(
                lambda x: np.array(x, np.int64)
            ),
            st.binary(max_size=9).map(lambda x: np.frombuffer(x, np.uint8)),
            st.just(np.array([[0, 2]], np.int64)),
            st.just(np.zeros((2, 2), np.float32)),
        ),
    ),
    st.sampled_from(["DNA", "protein", "", "9" * 5000]),
)
def test_any_sealed_index_is_sequences_or_one_sentence(
    tensors: dict[str, np.ndarray], alphabet: str
) -> None:
    base = {
        "names": np.frombuffer(b"a\n", np.uint8),
        "headers": np.frombuffer(b"a\n", np.uint8),
        "offsets": np.array([0, 4], np.int64),
        "bases": np.array([27], np.uint8),
        "unknown": np.zeros((0, 2), np.int64),
    }
    info = json.dumps({"alphabet": alphabet, "source": "x", "sha256": ""})
    whole, metadata = base | tensors, {"format": packed.FORMAT, "info": info}
    metadata["sha256"] = packed.SEQUENCES.seal(whole, metadata)
    path = Path(tempfile.gettempdir()) / f"index-{os.getpid()}.safetensors"
    path.write_bytes(safetensors.numpy.save(whole, metadata))
    try:
        found = packed.load(path).sequences
    except BioSkipGramError as error:
        one_sentence(error)
    else:
        assert len(found.codes) == found.offsets[-1]
    finally:
        path.unlink()
