"""Facts about numbers: bits, and which dtype holds which values exactly."""
