"""Checks a scene in Manim code, and the formulas of a storyboard, before anything is drawn."""
