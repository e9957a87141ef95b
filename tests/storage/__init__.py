"""Tests of compactarray.storage."""
