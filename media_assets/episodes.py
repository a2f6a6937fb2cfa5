"""The partition: one key per episode."""

import dagster as dg

EPISODES = dg.DynamicPartitionsDefinition(name="episodes")
