"""NumPy's functions, one file a chapter; importing this package registers them."""

from compactarray.functions import (
    creation,
    dense,
    differences,
    elementwise,
    indexing,
    joining,
    manipulation,
    metadata,
    products,
    shapes,
    sorting,
    statistics,
)

__all__ = [
    "creation",
    "dense",
    "differences",
    "elementwise",
    "indexing",
    "joining",
    "manipulation",
    "metadata",
    "products",
    "shapes",
    "sorting",
    "statistics",
]
