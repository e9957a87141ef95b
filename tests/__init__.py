"""Tests of compactarray."""
