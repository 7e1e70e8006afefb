"""Coding sequences from NCBI and Ensembl, played by a server of this computer."""

import gzip
import hashlib
import json
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from bioskipgram.cli.main import main
from bioskipgram.errors import ConfigError, FastaError
from bioskipgram.sequences import download, fasta

CDS = gzip.compress(b"".join(b">g%d\nATGGCC%sTAA\n" % (i, b"ACG" * i) for i in range(900)))
ENSEMBL = "/pub/current_fasta/homo_sapiens/cds"
HUMAN = "Homo_sapiens.GRCh38.cds.all.fa.gz"
GENOME = "/genomes/all/GCF/000/001/405/GCF_000001405.40_GRCh38.p14"
NCBI = "GCF_000001405.40_GRCh38.p14_cds_from_genomic.fna.gz"
TAXON = "/datasets/v2/genome/taxon/human/dataset_report"


def report(assembly: str) -> bytes:
    about = {
        "accession": "GCF_000001405.40",
        "organism": {"organism_name": "Homo sapiens"},
        "assembly_info": {"assembly_name": assembly},
    }
    return json.dumps({"reports": [about]}).encode()


class Web:
    """Files by their paths; `cut` is where answers end, `asked` the ranges asked for."""

    def __init__(self) -> None:
        self.files, self.asked, self.cut, self.ranges = dict[str, bytes](), list[str](), 0, True
        web = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                data = web.files.get(self.path.partition("?")[0])
                if data is None:
                    self.send_error(404)
                    return
                wanted = self.headers["Range"] or ""
                web.asked += [wanted] * self.path.endswith(".gz")
                start = int(wanted[6:-1]) if wanted and web.ranges else 0
                if start >= len(data):
                    self.send_error(416)
                    return
                self.send_response(206 if start else 200)
                self.send_header("Content-Length", str(len(data) - start))
                self.end_headers()
                self.wfile.write(data[start : web.cut or None])

            def log_message(self, *_words: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    """Both services, with one small file each."""
    made, file = Web(), tmp_path / "sum.gz"
    file.write_bytes(CDS)
    told = subprocess.run(["sum", file], capture_output=True, text=True, check=True).stdout
    number, blocks = told.split()[:2]
    made.files = {
        f"{ENSEMBL}/CHECKSUMS": f"1 2 README\n{number} {blocks} {HUMAN}\n".encode(),
        f"{ENSEMBL}/{HUMAN}": CDS,
        TAXON: report("GRCh38.p14"),
        f"{GENOME}/md5checksums.txt": f"{hashlib.md5(CDS).hexdigest()}  ./{NCBI}\n".encode(),
        f"{GENOME}/{NCBI}": CDS,
    }
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.mark.parametrize(
    ("source", "species", "name"), [("ensembl", "Homo sapiens", HUMAN), ("ncbi", "human", NCBI)]
)
def test_the_coding_sequences_of_a_species(
    source: str, species: str, name: str, web: Web, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    words = ["download-sequences", source, species, "--folder", str(tmp_path / "in")]
    assert main([*words, "--from", web.address, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert Path(found["file"]) == tmp_path / "in" / name
    assert found["bytes"] == len(CDS)
    assert found["address"].startswith(web.address)
    assert len(fasta.read(found["file"])) == 900
    assert [path.name for path in (tmp_path / "in").iterdir()] == [name]
    assert main([*words, "--from", web.address]) == 0  # it is there: nothing is fetched
    assert web.asked == [""]


def remote(web: Web) -> download.Remote:
    return download.ensembl("homo_sapiens", base=web.address)


@pytest.mark.parametrize("ranges", [True, False])
def test_an_interrupted_download_is_continued(web: Web, tmp_path: Path, ranges: bool) -> None:
    told: list[tuple[int, int]] = []
    web.cut, web.ranges = 1000, ranges
    with pytest.raises(FastaError, match=f"ended after 1,000 of {len(CDS):,} bytes; the same"):
        download.download(remote(web), tmp_path, lambda done, of: told.append((done, of)))
    assert told[-1] == (1000, len(CDS))
    assert not (tmp_path / HUMAN).exists()
    web.cut = 0
    assert download.download(remote(web), tmp_path).read_bytes() == CDS
    assert web.asked == ["", "bytes=1000-"]


def test_a_whole_part_is_only_put_in_place(web: Web, tmp_path: Path) -> None:
    web.cut = 1000
    with pytest.raises(FastaError, match="ended after"):
        download.download(remote(web), tmp_path)
    (part,) = tmp_path.glob(".*.part")
    part.write_bytes(CDS)
    assert download.download(remote(web), tmp_path).read_bytes() == CDS
    assert web.asked[-1] == f"bytes={len(CDS)}-"


def test_another_file_than_stated_is_not_put_in_place(web: Web, tmp_path: Path) -> None:
    web.files[f"{ENSEMBL}/{HUMAN}"] = b"\7" + CDS[1:]
    with pytest.raises(FastaError, match=r"its checksum is sum:\d+ \d+, not sum:\d+ \d+"):
        download.download(remote(web), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["sum.gz"]


@pytest.mark.parametrize("name", ["../etc", "a", "homo/sapiens", "x" * 101, "<b>"])
def test_what_is_no_species_is_not_asked_for(name: str) -> None:
    for service in (download.ensembl, download.ncbi):
        with pytest.raises(ConfigError, match="is no species"):
            service(name)


def test_an_unknown_species_is_one_sentence(web: Web) -> None:
    with pytest.raises(FastaError, match=r"cannot be fetched \(404 Not Found\); check the name"):
        download.ensembl("homo_novus", base=web.address)
    web.files[TAXON] = b'{"reports": []}'
    with pytest.raises(FastaError, match="no genome of human is described"):
        download.ncbi("human", base=web.address)
    with pytest.raises(FastaError, match="try again later"):
        download.ensembl("homo_sapiens", base="http://127.0.0.1:1")


@pytest.mark.parametrize("name", ["GRCh38/../../x", "a?c", "x" * 300])
def test_a_hostile_answer_is_no_path(name: str, web: Web) -> None:
    web.files[TAXON] = report(name)
    with pytest.raises(FastaError, match="is no assembly"):
        download.ncbi("human", base=web.address)
