"""The labs of the lectures: a file each, tied to no fitted network."""
