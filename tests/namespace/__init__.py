"""Tests of NumPy's names in this package."""
