"""The API of the memory, below /v1: for programs, each with a key of its tenant."""
