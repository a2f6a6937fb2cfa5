"""The clip record and what trainers read."""
