"""Tests of compactarray.encodings."""
