"""The command `variants`: a table, files, lists, what is wrong told on standard error."""

import json
import shutil
from pathlib import Path

import pytest

from bioskipgram.cli.main import main

ROOT = Path(__file__).parents[2]
CODON = str(ROOT / "models" / "human-cds-codon.safetensors")


def test_a_variant_of_a_shipped_gene(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["variants", CODON, "HBB:c.20A>T", "HBB:c.20del", "--json"]) == 0
    first, second = json.loads(capsys.readouterr().out)
    names = ("gene", "coding", "protein", "consequence", "blosum62")
    assert [first[name] for name in names] == ["HBB", "c.20A>T", "p.Glu7Val", "missense", -2]
    assert [second[name] for name in names[:2]] == ["HBB", "c.20del"]
    assert 0 < first["log_odds_percentile"] < 100
    assert (second["consequence"], second["log_odds_percentile"]) == ("frameshift", None)


def test_bad_ones_are_told_and_the_good_ones_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["variants", CODON, "c.20A>T", "c.20G>T", "--gene", "HBB"]) == 0
    out, err = capsys.readouterr()
    assert "p.Glu7Val" in out
    assert "bioskipgram: c.20G>T: the reference of HBB has A at position 20, not G" in err


def test_none_left_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["variants", CODON, "c.20A>T"]) == 2
    err = capsys.readouterr().err
    assert "say which record is meant" in err
    assert "there is no variant to look at; give one, such as HBB:c.20A>T" in err
    assert main(["variants", CODON, "--all"]) == 2
    assert "all: say of which gene, with --gene NAME" in capsys.readouterr().err
    assert main(["variants", CODON, "--file", "/no/such.vcf"]) == 2
    assert "/no/such.vcf: it cannot be read: No such file" in capsys.readouterr().err


def test_files_in_and_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    genes, listed = tmp_path / "genes.fa", tmp_path / "in.vcf"
    genes.write_text(">a\nATGGTGCATTAA\n")
    listed.write_text("#CHROM\tPOS\na\t4\t.\tG\tC\t.\t.\t.\nchr1\t4\t.\tG\tC\t.\t.\t.\n")
    out, table = tmp_path / "out.vcf", tmp_path / "out.tsv"
    command = ["variants", CODON, "--sequences", str(genes), "--file", str(listed)]
    assert main([*command, "--vcf", str(out), "--tsv", str(table)]) == 0
    assert "in.vcf, line 3: there is no record 'chr1'" in capsys.readouterr().err
    assert "a\t4\t.\tG\tC\t.\t.\tLO=" in out.read_text()
    assert "p.Val2Leu" in table.read_text()
    assert main([*command[:4], "--all", "--tsv", str(table)]) == 0
    assert len(table.read_text().splitlines()) == 1 + 36
    assert capsys.readouterr().out == ""


def test_a_null_is_made_once_and_kept_beside_the_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:

    genes = tmp_path / "genes.fa"
    genes.write_text(">a\nATG" + "GTGCATCTGACT" * 30 + "TAA\n")
    monkeypatch.setattr("bioskipgram.cli.variants.GENES", genes)
    model = Path(shutil.copy(CODON, tmp_path / "copy.safetensors"))
    assert main(["variants", str(model), "c.20A>T", "--null", "no", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["log_odds_percentile"] is None
    assert not (tmp_path / "copy.layouts").exists()
    for _ in range(2):
        assert main(["variants", str(model), "c.20A>T", "--json"]) == 0
        assert json.loads(capsys.readouterr().out)[0]["log_odds_percentile"] is not None
        (kept,) = (tmp_path / "copy.layouts").iterdir()
        assert kept.name.startswith("variants-")
