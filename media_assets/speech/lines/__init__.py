"""Who says which words: attribution, lines of one speaker, utterances with their sound."""
