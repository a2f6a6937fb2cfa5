"""What is said and exactly when, and the files that say so."""
