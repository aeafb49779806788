"""The numbered steps from an empty database to the present one. A released step never changes."""
