"""Shots, scenes, clips and their quality."""
