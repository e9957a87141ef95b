"""Tests of compactarray.geometry."""
