"""A model in one HTML file: map, selection, clusters with logos, nulls, settings.

``bioskipgram report`` and `bioskipgram.show` start it as ``python -m dashboard.shared.report``, so
that the package need not import the dashboard.
"""

import argparse
import html
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from bioskipgram.errors import BioSkipGramError, CheckpointError, QueryError, optional_packages
from bioskipgram.files import write_whole
from bioskipgram.groups import clusters as clustering
from bioskipgram.groups import logos
from bioskipgram.groups.clusters import Clusters
from bioskipgram.groups.enrichment import enriched_words
from bioskipgram.groups.names import ClusterName
from bioskipgram.kmers import patterns
from bioskipgram.model import beside, checkpoint, quality_file
from bioskipgram.model.embedding import KmerEmbedding
from bioskipgram.model.quality import spread
from bioskipgram.numerics.arrays import Doubles, Flags, Floats, Tokens
from bioskipgram.numerics.nearest import best
from bioskipgram.projection.projection import Projection
from dashboard.kmer_map import standalone
from dashboard.kmer_map.content import MapContent, MapLook
from dashboard.shared import letters, picture
from dashboard.shared.text import html as safe

NEAREST = 10
MOST_WITH_NEIGHBORS = 16_384
"""Up to so many k-mers a file holds the neighbours of each."""
MOST_LISTED = 200
_FACTS = (
    "trainer", "source", "sha256", "records", "bases", "loss", "steps_done", "created", "version",
)  # fmt: skip


def page(path: Path, *, method: str, select: str, map_only: bool, height: int) -> str:
    """Return the HTML page of a model.

    Parameters
    ----------
    path
        The model.
    method
        The projection: "tsne", "umap" or "pca"; made now if it is not kept beside the model.
    select
        A pattern whose k-mers are lit on the map and described, "" = none.
    map_only
        Leave everything else out.
    height
        Of the map, in pixels.
    """
    embedding = checkpoint.load(path)
    shown, found, named, colours, labels = picture.drawn(embedding, path, method)
    chosen = patterns.match_starts(embedding.vocabulary, select) >= 0 if select else None
    if chosen is not None and not chosen.any():
        raise QueryError(f"{select!r:.60}: no k-mer of this model matches it")
    look = MapLook(colouring=colours[0], highlighted=chosen, height=height, labels=labels)
    tokenizer = embedding.vocabulary.tokenizer
    content = MapContent(
        points=shown.points, kmers=embedding.vocabulary.kmers, k=tokenizer.k, look=look,
        letters=tokenizer.alphabet.letters, k_min=tokenizer.k_min,
    )  # fmt: skip
    few = len(embedding) <= MOST_WITH_NEIGHBORS
    block = standalone.block(
        content, colours, clusters=found.labels, neighbors=_neighbors(embedding) if few else None
    )
    if map_only:
        return standalone.page(path.stem, block)
    parts = [
        f"<h1>{safe(path.stem)}</h1><p>{_described(embedding)}</p>",
        block, f"<p>{_said_of(shown)}</p>",
        "" if chosen is None else _selection(embedding, select, chosen),
        _cluster_section(embedding, found, named), _nulls(embedding, path), _settings(embedding),
    ]  # fmt: skip
    return standalone.page(f"{path.stem} · BioSkipGram", "".join(parts))


def _neighbors(embedding: KmerEmbedding) -> tuple[Tokens, Floats]:
    """Return the nearest k-mers of each, int32[V, n], and their cosines, float32[V, n]."""
    cosines = embedding.unit @ embedding.unit.T
    np.fill_diagonal(cosines, -np.inf)
    tokens = best(cosines, min(NEAREST, len(embedding) - 1))
    return tokens.astype(np.int32), np.take_along_axis(cosines, tokens, axis=1)


# What is written -----------------------------------------------------------------------------


def table(
    head: Sequence[str], rows: Iterable[Sequence[Any]], *, numbers: Sequence[int] = ()
) -> str:
    """Return an HTML table; cells that begin with ``<svg`` are pictures, all else is escaped."""
    lines = ["<tr>" + "".join(f"<th>{safe(cell)}</th>" for cell in head) + "</tr>"]
    for row in rows:
        cells = []
        for place, cell in enumerate(row):
            text = str(cell)
            shown = text if isinstance(cell, _Picture) else html.escape(text)
            cells.append(f"<td{' class=number' if place in numbers else ''}>{shown}</td>")
        lines.append(f"<tr>{''.join(cells)}</tr>")
    return f'<div class="scrolls"><table>{"".join(lines)}</table></div>'


class _Picture(str):
    """HTML that this module made itself."""


def logo(heights: Doubles, embedding: KmerEmbedding) -> _Picture:
    """Return a sequence logo as SVG, 2 bits high."""
    alphabet = embedding.vocabulary.tokenizer.alphabet
    colours, shapes = letters.letter_colours(alphabet), []
    for position, column in enumerate(heights):
        base = 0.0
        for index in np.argsort(column):
            tall = float(column[index])
            if tall > 0.01:
                letter = alphabet.letters[index]
                shapes.append(_letter(letter, position, base, tall, colours[letter]))
            base += tall
    wide, most = len(heights), float(np.log2(heights.shape[1]))
    return _Picture(
        f'<svg viewBox="0 0 {wide} {most:.2f}" width="{22 * wide}" height="44" role="img" '
        f'preserveAspectRatio="none" aria-label="logo">{"".join(shapes)}</svg>'
    )


def _letter(letter: str, x: float, base: float, tall: float, colour: str) -> str:
    most = 2.0
    rings = letters.GLYPHS.get(letter)
    if rings is None:  # protein: a block, its letter is in the consensus
        y = most - base - tall
        return f'<rect x="{x + 0.05}" y="{y:.3f}" width=".9" height="{tall:.3f}" fill="{colour}"/>'
    path = " ".join(
        "M "
        + " L ".join(f"{x + 0.05 + 0.9 * u:.3f} {most - base - v * tall:.3f}" for u, v in ring)
        + " Z"
        for ring in rings
    )
    return f'<path d="{path}" fill="{colour}" fill-rule="evenodd"/>'


def _logo_of(embedding: KmerEmbedding, tokens: Tokens) -> _Picture:
    kmers, tokenizer = embedding.vocabulary.kmers[tokens], embedding.vocabulary.tokenizer
    middle = int(embedding.vocabulary.kmers[clustering.medoid(embedding, tokens)])
    return logo(logos.logo(logos.letter_counts(kmers, middle, tokenizer).counts), embedding)


def _q(value: float) -> str:
    return f"{value:.1g}" if value > 1e-300 else "< 1e-300"


def _described(embedding: KmerEmbedding) -> str:
    info, config = embedding.info, embedding.info.config
    learnt = (
        f"learnt from {info.records:,} sequences ({safe(info.source)})"
        if info.records else f"imported from {safe(info.source)}"
    )  # fmt: skip
    word = embedding.vocabulary.tokenizer.word
    return f"{len(embedding):,} {word}s of {config.alphabet}, {config.dim} dimensions, {learnt}."


def _said_of(shown: Projection) -> str:
    return (
        f"{picture.METHODS[shown.config.method]}, trustworthiness {shown.trustworthiness:.3f} (1 = "
        "the 15 nearest on the map are near in the full space, 0.5 = random). Distances between "
        "far groups mean little."
    )


def _selection(embedding: KmerEmbedding, pattern: str, chosen: Flags) -> str:
    """Return the section about the k-mers that match a pattern."""
    vocabulary = embedding.vocabulary
    tokens = np.flatnonzero(chosen).astype(np.int32)
    starts = patterns.match_starts(vocabulary, pattern)[tokens]
    counted = logos.match_counts(vocabulary.kmers[tokens], starts, vocabulary.tokenizer)
    sketch, how = logo(logos.logo(counted.counts), embedding), counted.how
    texts = vocabulary.spell(tokens[:MOST_LISTED])
    more = f" and {len(tokens) - MOST_LISTED:,} more" if len(tokens) > MOST_LISTED else ""
    found = enriched_words(vocabulary, tokens)
    rows = [
        (
            found.words[i], "any" if found.positions[i] < 0 else found.positions[i] + 1,
            f"{found.inside[i] / found.inside_size:.0%}",
            f"{found.outside[i] / max(1, found.outside_size):.0%}", _q(found.q[i]),
        )
        for i in range(len(found.words))
        if found.odds[i] > 1 and found.q[i] <= 0.05
    ][:8]  # fmt: skip
    head = ("shorter k-mer", "position", "in the selection", "in all others", "q")
    words = table(head, rows, numbers=(1, 2, 3, 4))
    return (
        f"<h2>Selection: {safe(pattern)}</h2><p>{len(tokens):,} of {len(vocabulary):,} k-mers. "
        f"Logo {safe(how)}.</p>{sketch}<p><code>{safe(' '.join(texts), 10_000)}</code>{more}</p>"
        f"<p>Shorter k-mers in them, beside all others (Fisher's exact test, Benjamini-Hochberg):"
        f"</p>{words if rows else '<p>None is more frequent than among the others.</p>'}"
    )


def _cluster_section(
    embedding: KmerEmbedding, found: Clusters, named: Sequence[ClusterName]
) -> str:
    rows = []
    for one in named:
        members = found.members(one.number)
        sketch = _logo_of(embedding, members)
        middle = embedding.vocabulary.texts[clustering.medoid(embedding, members)]
        odds = "" if one.odds is None else f"{one.odds:.3g}"
        q = "" if one.q is None else _q(one.q)
        rows.append(
            (one.number + 1, one.title, f"{one.share:.0%}", odds, q, one.members, middle, sketch)
        )
    head = ("", "name", "fits", "odds", "q", "k-mers", "medoid", "logo")
    return (
        f"<h2>Clusters</h2><p>{len(named)} clusters by k-means in the full space. A name is the "
        "pattern or property that tells the members best from all others, with the share of them "
        f"it fits.</p>{table(head, rows, numbers=(0, 2, 3, 4, 5))}"
    )


def _nulls(embedding: KmerEmbedding, path: Path) -> str:
    try:
        report = quality_file.load(beside.quality(path))
        if report.digest != embedding.digest:
            raise CheckpointError("of another model")
    except CheckpointError:
        return (
            "<h2>How much is spelling?</h2><p>Not known: no null was measured for this model. "
            "<code>bioskipgram quality MODEL SEQUENCES --keep</code> measures it.</p>"
        )
    rows = []
    for name, one in report.measures.items():
        nulls = [f"{kind}: {spread(values)}" for kind, values in one.nulls.items() if values]
        rules = [f"{rule}: {value:.3f}" for rule, value in one.baselines.items()]
        seeds = spread(one.seeds) if one.seeds else "not measured"
        rows.append((name, f"{one.value:.3f}", seeds, "; ".join(nulls), "; ".join(rules)))
    head = ("measure", "this model", "other seeds", "nulls", "rules without learning")
    return (
        "<h2>How much is spelling?</h2><p>Each measure beside the same training from other seeds "
        "and on shuffled sequences (median, lowest to highest), random vectors and rules that "
        f"learn nothing.</p>{table(head, rows, numbers=(1,))}"
    )


def _settings(embedding: KmerEmbedding) -> str:
    info = embedding.info.to_dict()
    settings = asdict(embedding.info.config)
    rows = [(name.replace("_", "-"), value) for name, value in settings.items()]
    for name in _FACTS:
        value = "not known" if info[name] is None else info[name]
        rows.append((name.replace("_", " "), value))
    rows.append(("digest", embedding.digest))
    return f"<h2>Settings</h2>{table(('setting', 'value'), rows)}"


def main() -> int:
    """Write a report; return the exit code."""
    parser = argparse.ArgumentParser(prog="bioskipgram report")
    parser.add_argument("model", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--method", default="tsne")
    parser.add_argument("--select", default="")
    parser.add_argument("--height", type=int, default=640)
    parser.add_argument("--map-only", action="store_true")
    options = parser.parse_args()
    try:
        with optional_packages():
            text = page(
                options.model, method=options.method, select=options.select,
                map_only=options.map_only, height=options.height,
            )  # fmt: skip
        write_whole(options.out, text.encode())
    except BioSkipGramError as error:
        print(f"bioskipgram: {error}", file=sys.stderr)  # noqa: T201
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
