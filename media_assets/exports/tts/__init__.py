"""The set for training voices as its trainers read it, split so that nothing leaks."""
