"""Addresses to values: flat storages cut into blocks, and the views that give them a shape."""
