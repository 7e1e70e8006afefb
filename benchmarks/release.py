"""The models as a release: an archive each and their list, for `bioskipgram download-models`.

    python -m benchmarks.release [FOLDER]      (by default dist/models)

Put the folder on a web server, and its address into `Models` of `[project.urls]` in
pyproject.toml, into BIOSKIPGRAM_RELEASE, or behind --from.
"""

import hashlib
import json
import re
import sys
import zipfile
from pathlib import Path

from bioskipgram.model import beside, checkpoint, shipped
from bioskipgram.model.download import LIST

_MOMENT = (1980, 1, 1, 0, 0, 0)
"""The same models give the same archives."""


def archive(model: Path, folder: Path) -> Path:
    """Write a model and the files beside it into a zip archive; return its path."""
    name = model.name.removesuffix(beside.SUFFIX)
    files = [path for path in model.parent.rglob("*") if path.is_file()]
    mine = [
        path for path in files
        if re.match(rf"{re.escape(name)}\.(?!state)", str(path.relative_to(model.parent)))
    ]  # fmt: skip
    made = folder / f"{name}.zip"
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as opened:
        for path in sorted(mine):
            entry = zipfile.ZipInfo(str(path.relative_to(model.parent)), _MOMENT)
            opened.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED, 9)
    return made


def main() -> None:
    """Write all archives and the list."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "dist/models")
    folder.mkdir(parents=True, exist_ok=True)
    entries = []
    for model in beside.models_in(shipped.SHIPPED):
        made, embedding = archive(model, folder), checkpoint.load(model)
        word, info = embedding.vocabulary.tokenizer.word, embedding.info
        about = f"{len(embedding):,} {word}s, {info.config.dim} dimensions, {info.source}"
        data = made.read_bytes()
        sha256 = hashlib.sha256(data).hexdigest()
        entries.append({"name": model.stem, "about": about, "bytes": len(data), "sha256": sha256})
        print(f"{made}  {len(data) / 1e6:.1f} MB")
    (folder / LIST).write_text(json.dumps({"models": entries}, indent=1) + "\n")


if __name__ == "__main__":
    main()
