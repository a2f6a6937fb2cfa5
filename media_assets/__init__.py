"""Licensed episodes in, training-ready datasets out: a Dagster code location."""
