"""The set for training voices: how good an utterance is, which are kept, how it is written."""
