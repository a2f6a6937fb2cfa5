"""Python functions over arrays as machine code."""

from __future__ import annotations

from collections.abc import Callable


def compiled(function: Callable[..., None]) -> Callable[..., None]:
    """The function compiled by Numba at its first call, which releases the GIL while it runs.

    That takes seconds, once per machine: the code is kept in `__pycache__` beside the source or,
    where that cannot be written, in Numba's folder in the user's cache (NUMBA_CACHE_DIR names
    another). Where nothing can be written, every process compiles anew.
    """
    import numba

    options = {"nogil": True, "error_model": "numpy"}
    kept: Callable[..., None]
    try:
        kept = numba.njit(cache=True, **options)(function)
    except RuntimeError:  # no place for it
        kept = numba.njit(**options)(function)
    return kept
