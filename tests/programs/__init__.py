"""Whole programs, each a function of ``np``, run with NumPy and with this package in its place."""
