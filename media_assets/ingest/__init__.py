"""Masters, what is in them, their subtitles and their audio."""
