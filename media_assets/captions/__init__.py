"""What a clip shows and says, from measured facts."""
