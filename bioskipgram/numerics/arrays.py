"""Array dtypes by name, and the check of every dataclass's arrays."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

BaseCodes = NDArray[np.uint8]
"""0-3 = A C G T, 4 = anything else; protein: 0-19 and 20."""
KmerCodes = NDArray[np.int64]
"""k-mers in base 4 (protein: 20), first base most significant; -1 = no k-mer here."""
Tokens = NDArray[np.int32]
"""Positions in a vocabulary; -1 = no k-mer here."""
Offsets = NDArray[np.int64]
"""Starts of consecutive pieces of a flat array, and its end."""
Counts = NDArray[np.int64]
Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Flags = NDArray[np.bool_]
State = dict[str, NDArray[Any]]
"""Arrays by name: all that a trainer needs to continue."""


def checked(
    array: NDArray[Any], name: str, dtype: type[np.generic], shape: tuple[int | None, ...]
) -> Any:
    """Return a read-only, C-ordered view of `array`; a ValueError for another dtype or shape.

    Examples
    --------
    >>> import numpy as np
    >>> checked(np.zeros((2, 3), np.float32), "vectors", np.float32, (2, None)).flags.writeable
    False
    """
    wanted = tuple("any" if size is None else size for size in shape)
    fits = array.ndim == len(shape) and all(
        size in (None, found) for size, found in zip(shape, array.shape, strict=True)
    )
    if array.dtype != dtype or not fits:
        raise ValueError(
            f"{name}: expected {np.dtype(dtype)} with shape {wanted}, "
            f"found {array.dtype} with shape {array.shape}"
        )
    return read_only(array)


def read_only(array: NDArray[Any]) -> Any:
    """Return a read-only, C-ordered view: numba compiles anew for arrays that can be written to."""
    view = np.ascontiguousarray(array).view()
    view.flags.writeable = False
    return view


def check_fields(owner: object, **fields: tuple[Any, ...]) -> None:
    """Replace arrays of a frozen dataclass by `checked` views; each is given by dtype and sizes."""
    for name, (dtype, *shape) in fields.items():
        object.__setattr__(owner, name, checked(getattr(owner, name), name, dtype, tuple(shape)))
