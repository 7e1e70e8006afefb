"""A unique form of the two tables, which the loss alone does not determine.

The loss sees the tables only through their product: any invertible matrix put between them changes
every vector and no loss (Carrington et al. 2019, "Invariance and identifiability issues for word
embeddings", NeurIPS 32). Vectors taken from the singular value decomposition of the product are the
same for every seed that learnt the same product.
"""

from dataclasses import replace

import numpy as np

from bioskipgram.numerics.arrays import Doubles, Floats

from .embedding import KmerEmbedding


def balanced(center: Floats, context: Floats) -> tuple[Floats, Floats]:
    """Return the tables U sqrt(S) and V sqrt(S), float32[V, D], where U S V^T = center @ context.T.

    Columns are ordered by singular value, those beyond the rank are zero; the largest entry of each
    in the first table is positive.
    """
    D = center.shape[1]
    left, center_factor = np.linalg.qr(center.astype(np.float64))  # [V, R], [R, D]
    right, context_factor = np.linalg.qr(context.astype(np.float64))
    inner, scale, inner_context = np.linalg.svd(center_factor @ context_factor.T)  # R x R
    root = np.sqrt(scale)
    u, v = left @ inner * root, right @ inner_context.T * root
    signs = np.where(u[np.abs(u).argmax(axis=0), np.arange(len(root))] < 0, -1.0, 1.0)
    return _filled(u * signs, D), _filled(v * signs, D)


def _filled(table: Doubles, D: int) -> Floats:
    """Return a table with columns of zeros up to `D`: a vocabulary may have fewer k-mers."""
    return np.pad(table, ((0, 0), (0, D - table.shape[1]))).astype(np.float32)


def balance(embedding: KmerEmbedding) -> KmerEmbedding:
    """Return the model with `balanced` tables; another model, with a digest of its own."""
    center, context = balanced(embedding.center, embedding.context)
    return replace(embedding, center=center, context=context)


def is_balanced(embedding: KmerEmbedding, tolerance: float = 1e-3) -> bool:
    """Return whether the tables have the form of `balanced` but for signs and rounding."""
    center, context = (
        table.astype(np.float64).T @ table for table in (embedding.center, embedding.context)
    )
    scale = np.diag(center)
    limit = tolerance * max(float(scale.max(initial=0)), np.finfo(np.float64).tiny)
    same = np.abs(center - context).max(initial=0) <= limit
    diagonal = np.abs(center - np.diag(scale)).max(initial=0) <= limit
    return bool(same and diagonal)
