"""The checksum of the command ``sum``, by which Ensembl describes its files: the inner loop."""

import numba

from bioskipgram.numerics.arrays import BaseCodes


@numba.njit(cache=True, nogil=True)
def rotated_sum(data: BaseCodes, total: int) -> int:
    """Return the 16-bit sum of bytes, uint8[n], each added after rotating the sum by one bit."""
    for byte in data:
        total = (total >> 1) + ((total & 1) << 15) + int(byte) & 0xFFFF
    return total
