"""Real arrays that ship with the package: ``samples.npz``, with source and licence of each in ``SOURCES.md``."""
