"""Options stand anywhere among the arguments; what the system refuses is one short line."""

import errno
import json
import os
from pathlib import Path

import pytest

from bioskipgram.cli import parser
from bioskipgram.cli.main import main

ROOT = Path(__file__).parents[2]
CODON = str(ROOT / "models" / "human-cds-codon.safetensors")


@pytest.fixture
def fasta(tmp_path: Path) -> str:
    path = tmp_path / "genes.fa"
    path.write_text(">HBB\nATGGTGCATCTGACTCCTGAGGAGAAGTAA\n>b\nATGGATTACTAA\n")
    return str(path)


@pytest.mark.parametrize(
    "words",
    [
        ["variants", CODON, "--null", "no", "--sequences", "FILE", "HBB:c.20A>T", "HBB:c.4G>C"],
        ["variants", CODON, "HBB:c.20A>T", "--sequences", "FILE", "HBB:c.4G>C", "--null", "no"],
        ["variants", "--sequences", "FILE", CODON, "HBB:c.20A>T", "--null=no", "HBB:c.4G>C"],
        ["where", "6", "GATTAC", "-n", "3", "FILE"],
        ["where", "-n", "3", "6", "GATTAC", "FILE"],
        ["neighbors", "-n", "3", CODON, "ATG", "--hide", "shift", "--", "GCC"],
        ["motifs", "scan", "--motif", "GATTAC", "FILE", "--shuffles", "0"],
        ["motifs", "kmers", CODON, "-n", "3", "CpG"],
        ["info", CODON],
    ],
    ids=lambda words: " ".join(words[:2])[:20],
)
def test_options_stand_anywhere(
    words: list[str], fasta: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [fasta if word == "FILE" else word for word in words]
    end = words.index("--") if "--" in words else len(words)
    places = [i for i in range(1, end) if not words[i - 1].startswith("-") or "=" in words[i - 1]]
    found = set()
    for place in [*places[1 if words[0] == "motifs" else 0 :], end]:
        assert main([*words[:place], "--json", *words[place:]]) == 0
        out = capsys.readouterr().out
        found.add(out)
        json.loads(out.splitlines()[0])
    assert len(found) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["info"], "the following arguments are required: model"),
        (["where", "6", "-n", "3"], "the following arguments are required: kmer"),
        (["info", CODON, "more"], "unrecognized arguments: more"),
        (["info", CODON, "--bogus"], "unrecognized arguments: --bogus"),
        (["motifs", "--json"], "the following arguments are required: WHAT"),
    ],
)
def test_what_is_missing_or_too_much_is_told(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(words)
    assert said in capsys.readouterr().err


LONG = "/" + "x" * 5000


@pytest.mark.parametrize(
    "words",
    [
        ["info", LONG],
        ["info", "a\0b"],
        ["train", LONG, "--out", "x.safetensors"],
        ["train", "FILE", "--k=2", "--dim=2", "--steps=1", "--out", LONG],
        ["train", "FILE", "--k=2", "--dim=2", "--steps=1", "--out", "a\0b"],
        ["train", "FILE", "--k=2", "--dim=2", "--steps=1", "--run", LONG],
        ["train", "FILE", "--k=2", "--dim=2", "--steps=1", "--resume", "--out", LONG],
        ["neighbors", LONG, "ATG"],
        ["where", LONG, "GATTAC"],
        ["where", "6", "GATTAC", LONG],
        ["index", LONG, "FILE"],
        ["embed", CODON, "FILE", "--out", f"{LONG}.tsv"],
        ["compare", CODON, "FILE", "--matrix", LONG],
        ["compare", CODON, "FILE", "--reference", LONG],
        ["reference", CODON, LONG],
        ["variants", CODON, "--file", LONG],
        ["variants", CODON, "HBB:c.20A>T", "--null=no", "--vcf", LONG],
        ["motifs", "scan", LONG, "--motif", "CG"],
        ["motifs", "scan", "FILE", "--matrix", LONG],
        ["motifs", "show", LONG],
        ["project", CODON, "--method=pca", "--tsv", LONG],
        ["project", CODON, "--status", LONG],
        ["quality", CODON, LONG],
    ],
    ids=lambda words: " ".join(words).replace(str(ROOT), "")[:40].replace("\0", "NUL"),
)
def test_a_path_that_cannot_be_is_one_short_line(
    words: list[str], fasta: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([fasta if word == "FILE" else word for word in words]) == 2
    (line,) = [
        one for one in capsys.readouterr().err.splitlines() if one.startswith("bioskipgram: ")
    ][-1:]
    assert "name too long" in line or "NUL" in line
    assert len(line) <= 300 + len("bioskipgram: ")
    assert line.isprintable()


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), "No space left on device"),
        (OSError(errno.EIO, "Input/output error", "a\nb" + "c" * 999), "a b"),
        (MemoryError(), "there is not enough memory"),
        (ImportError("x.so: failed to map segment"), "there is not enough memory"),
    ],
)
def test_what_the_system_refuses_is_one_line(
    error: BaseException,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(options: object) -> None:
        raise error

    def parse(given: object) -> object:
        return type("Options", (), {"command": staticmethod(fail)})

    monkeypatch.setattr(parser.Parser, "parse_args", lambda self, given: parse(given))
    assert main(["info", "x"]) == 2
    line = capsys.readouterr().err
    assert line.startswith(f"bioskipgram: {said}")
    assert line.count("\n") == 1
    assert len(line) < 330
