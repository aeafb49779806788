"""From a scene to a clip: Manim's renderer and file writer as needed here, and source code as a scene."""
