"""The library `sparse`, whose COO arrays are what compact ones are measured against."""

from typing import Any

import numpy as np


def coo_nbytes(array: np.ndarray[Any, Any]) -> int | None:
    """Return the bytes of `array` in `sparse.COO`, or None where `sparse` cannot be imported.

    Examples
    --------
    >>> import numpy as np
    >>> from compactarray.interop.sparse import coo_nbytes
    >>> coo_nbytes(np.eye(100))
    2400
    """
    try:
        import sparse  # noqa: PLC0415 - half a second, which only those who use it should spend
    except ImportError:
        return None
    return int(sparse.COO.from_numpy(array).nbytes)
