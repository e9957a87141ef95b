"""NumPy's functions, one file a chapter; importing this package registers them."""

from compactarray.functions import creation, shapes

__all__ = ["creation", "shapes"]
