"""NumPy's names with compact arrays for results: what makes ``import compactarray as np`` work.

`table` says what each name of NumPy's is here, `wrapping` and `ufuncs` wrap its callables, `creating` and `grids` make arrays that
never are dense, `classes` stands for classes that have to give or accept compact arrays, `sampling` draws random numbers.
"""
