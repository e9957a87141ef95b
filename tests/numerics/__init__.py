"""Tests of compactarray.numerics."""
