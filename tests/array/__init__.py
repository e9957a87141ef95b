"""Tests of compactarray.array."""
