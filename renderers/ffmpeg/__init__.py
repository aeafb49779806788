"""ffmpeg as tools: clips are probed, joined without encoding, captioned and given chapters.

Everything here is pure: requests become command lines and texts. Who runs them, and where, is the toolbox's
business; that they run on files nobody has checked yet is why they run in the sandbox.
"""
