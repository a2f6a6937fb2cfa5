"""Turns and text of an episode in the formats of other tools: tables in, text out."""
