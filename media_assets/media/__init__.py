"""Media I/O that rooms share: frame index, exact reads, audio, encoding, hashing."""
