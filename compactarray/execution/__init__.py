"""What runs operations on views: ufuncs by tiles, their methods, and the lanes that work on codes.

Operands and results are views, ndarrays and scalars; `CompactArray` is not known here.
"""
