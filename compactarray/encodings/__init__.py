"""How a block keeps its elements: codes plus a meaning, one file an encoding.

`ENCODINGS` lists them in the order in which they are tried; a new encoding is one file and one entry there.
"""

from compactarray.encodings.base import Encoding
from compactarray.encodings.select import ENCODINGS, encode

__all__ = ["ENCODINGS", "Encoding", "encode"]
