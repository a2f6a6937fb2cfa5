"""A show's knowledge: characters, locations, scene labels, speakers, season data."""
