"""Scores of tables against labelled truth."""
