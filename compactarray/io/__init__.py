"""Arrays in and out of files, block by block: ``.npy`` and ``.npz``, and arrays made of chunks.

Importing this package registers `numpy.save`, `numpy.savez` and `numpy.savez_compressed`.
"""

from compactarray.io.chunks import from_chunks
from compactarray.io.load import load
from compactarray.io.npz import NpzFile
from compactarray.io.save import save, savez, savez_compressed

__all__ = ["NpzFile", "from_chunks", "load", "save", "savez", "savez_compressed"]
