"""What a warm sandbox has imported before a call of the tools on Manim: everything that they import later.

Imported inside only, by a process that itself draws nothing. Each call is forked from it, and begins with
randomness of its own, as if it had imported all this itself.
"""

from __future__ import annotations

import os
from importlib import import_module
from pkgutil import iter_modules

import numpy as np

import renderers.manim.checking.scene_check
import renderers.manim.film.clip
import renderers.manim.knowledge.introspection
import renderers.manim.writing.inline  # noqa: F401  (imported to be there)
from renderers.manim import visuals

for module in iter_modules(visuals.__path__):
    import_module(f"{visuals.__name__}.{module.name}")

os.register_at_fork(after_in_child=np.random.seed)  # Python does so for its own
