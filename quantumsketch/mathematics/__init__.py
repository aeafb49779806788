"""Checked mathematics: what a storyboard claims on screen is read and tested. Knows nothing of drawing."""
