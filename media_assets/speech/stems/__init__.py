"""The soundtrack taken apart into voice and background."""
