"""Tests of compactarray.execution."""
