"""What rooms are given: storage, sample-level recompute, the GPU, models, profiles.

Nothing here imports a room of ``media_assets``.
"""
