"""Benchmarks for asv: every class over ``["numpy", "compact"]`` and named data sets."""
