"""Tests of NumPy's functions on compact arrays."""
