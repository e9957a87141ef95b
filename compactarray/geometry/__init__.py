"""Index algebra without data: strides, index expressions, overlap, tiles. All in elements, not bytes."""
