"""The door of `speech/`: stems, turns, words, lines, feelings, utterances, voice sets."""
