"""Tests of compactarray.kernels."""
