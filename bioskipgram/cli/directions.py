"""The command `directions`: what single directions of a model mean."""

import argparse
from typing import Any

from bioskipgram.groups import directions as module
from bioskipgram.model import checkpoint
from bioskipgram.model.embedding import KmerEmbedding
from bioskipgram.model.quality import random_like

from .output import print_table
from .parser import Parser, add_number, add_run


def directions(options: argparse.Namespace) -> None:
    """Print directions with the k-mers at their ends, what they follow, and what goes with them."""
    embedding = checkpoint.load(options.model)
    if options.forms:
        print_table(_forms(embedding), as_json=options.json)
        return
    if options.atoms:
        print_table(_atoms(embedding, options), as_json=options.json)
        return
    if options.dimensions:
        found = module.chosen(embedding, options.dimensions)
    else:
        found = module.directions(embedding, options.n, rotated=options.rotated)
    spell, rows = embedding.vocabulary.spell, list[dict[str, Any]]()
    known = module.suited(embedding)
    effects = module.effects(embedding, found) if options.effect else []
    for number, one in enumerate(found, 1):
        high, low = one.ends(options.ends)
        (title, measure, value), *_ = module.correlates(known, one.scores)
        row = {
            "direction": number, "share": one.share, "high": " ".join(spell(high)),
            "low": " ".join(spell(low)), "follows": f"{title} ({measure} {value:.2f})",
        }  # fmt: skip
        if effects:
            changes = {n: v - effects[0][n] for n, v in effects[number].items()}
            name = max(changes, key=lambda n: abs(changes[n]))
            row["without it"] = f"{name}: {effects[0][name]:.3f} to {effects[number][name]:.3f}"
        rows.append(row)
    print_table(rows, as_json=options.json)


def _atoms(embedding: KmerEmbedding, options: argparse.Namespace) -> list[dict[str, Any]]:
    from bioskipgram.training.dictionary import dictionary

    found, known = dictionary(embedding, atoms=options.atoms), module.suited(embedding)
    rows = []
    for atom in range(min(options.n, options.atoms)):
        (title, measure, value), *_ = module.correlates(known, found.codes[:, atom])
        members = embedding.vocabulary.spell(found.members(atom, options.ends))
        rows.append({
            "atom": atom + 1, "kmers": int((found.codes[:, atom] > 0).sum()),
            "most": " ".join(members), "follows": f"{title} ({measure} {value:.2f})",
            "explained by all": found.explained,
        })  # fmt: skip
    return rows


def _forms(embedding: KmerEmbedding) -> list[dict[str, Any]]:
    """Return every measure of the vectors in each form, and below it that of random vectors."""
    dim = embedding.info.config.dim
    forms = {n: f for n, f in module.FORMS.items() if f is None or f.components < dim}
    models = {"": embedding, ", random vectors": random_like(embedding)}
    found = {
        end: dict(zip(forms, module.compared(each, forms.values()), strict=True))
        for end, each in models.items()
    }
    return [
        {"measure": name + end, **{form: each.get(name) for form, each in values.items()}}
        for name in found[""]["plain"] for end, values in found.items()
    ]  # fmt: skip


def add_directions(parser: Parser) -> None:
    """Add the options of `directions`."""
    add_run(parser, directions)
    add_number(parser, "-n", 5, "how many directions")
    add_number(parser, "--ends", 6, "how many k-mers at each end")
    parser.add_argument(
        "--rotated", action="store_true", help="rotate them by varimax: few k-mers far out on each"
    )
    parser.add_argument(
        "--dimensions", type=int, nargs="+", help="the model's own dimensions, from 0, instead"
    )
    parser.add_argument(
        "--effect", action="store_true", help="also the measure that changes most without each"
    )
    parser.add_argument(
        "--atoms", type=int, default=0, help="learn a sparse dictionary of so many atoms instead"
    )
    parser.add_argument(
        "--forms", action="store_true",
        help="every measure with the mean or leading components removed, or by products, instead",
    )  # fmt: skip
