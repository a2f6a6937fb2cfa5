"""Who spoke when, what was said and exactly when, and how it was said."""
