"""Who spoke when: voice activity, turns, overlaps, voice prints."""
