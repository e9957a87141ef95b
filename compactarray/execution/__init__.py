"""What runs operations on views: for now, by decoding their operands."""
