"""NumPy's functions, one file a chapter; importing this package registers them."""

from compactarray.functions import creation, elementwise, indexing, joining, manipulation, shapes, statistics

__all__ = ["creation", "elementwise", "indexing", "joining", "manipulation", "shapes", "statistics"]
