"""What of the installed Manim a scene has a use for: not what Manim calls itself, nor what serves its tools.

Decides by names, for introspection cannot tell. Whoever asks for the exact name of another is still told.
"""

from __future__ import annotations

from renderers.manim.knowledge.index import Entry, ManimIndex

_OTHER_RENDERER = "OpenGL"
"""Begins the names of the classes for the other renderer."""
_PLAYED = "Animation"
_CAMERA = "Camera"
_OF_A_SCENE = ("Mobject", "Scene", "CoordinateSystem")
"""Whoever writes a scene calls methods of what descends from these."""

_INTERNAL = (
    "init_", "generate_points", "generate_rgbas", "generate_config", "generate_mobject", "get_default",
    "handle_", "should_", "construct", "setup", "tear_down", "on_", "gen_", "compile_", "play_internal",
    "render", "get_moving", "get_restructured", "load_", "modify_xml", "set_key", "update_to_time",
    "embed", "interact", "check_", "validate", "assign_", "consider_", "interpolate", "align_points",
    "align_data", "align_rgbas", "apply_over_attr", "apply_points_function", "begin_animations",
    "cache_", "capture_", "clean_up", "display_", "full_family", "get_array_attrs", "get_cached",
    "get_cairo", "get_first_handle", "get_group_class", "get_last_handle", "get_merged_array",
    "get_mob_from", "get_mobject_key", "get_mobject_parts", "get_mobject_type", "get_mobjects_from",
    "get_mobjects_indicating", "get_point_mobject", "get_points_defining", "get_shape_map",
    "get_unpositioned", "ingest_", "mouse_", "move_into_position", "null_point", "overlay_",
    "pointwise_become", "position_tip", "push_self", "reduce_across", "repeat_submobject", "add_n_more",
    "rescale_to_fit", "reset_endpoints", "resize_points", "set_start_and_end_attrs", "throw_error",
    "thickened", "type_or_raise", "update_active", "update_boundary", "update_default", "update_meshes",
    "update_mobjects", "update_path", "update_rgbas", "update_self", "update_submobject",
    "update_sub_cameras", "animation_override_for", "add_animation_override",
)  # fmt: skip
"""Begins the names of methods that Manim calls itself."""
_INTERNAL_WHOLE = frozenset(("begin", "finish", "func", "get_file_path", "apply_style_to_mobject"))
_CONVERSION = "_to_mobject"
"""Ends the names of the methods that read an SVG file."""

_NOT_FOR_SCENES = (
    "importlib.", "manim._config", "manim.plugins", "manim.manager", "manim.renderer",
    "manim.scene.scene_file_writer", "manim.scene.section", "manim.utils.commands",
    "manim.utils.config_ops", "manim.utils.file_ops", "manim.utils.images", "manim.utils.iterables",
    "manim.utils.sounds", "manim.mobject.three_d.three_d_utils",
)  # fmt: skip
"""Modules of what Manim needs for itself: files, plug-ins, lists."""
_NO_TOPIC = frozenset(
    ("register_font", "assert_is_mobject_method", "RendererType", "OldMultiCamera", "DictAsObject",
     "BackgroundColoredVMobjectDisplayer",
     "animation", "camera", "choose", "cli_ctx_settings", "color", "console", "constants", "core",
     "data_structures", "error_console", "frame", "logger", "manager", "mobject", "opengl", "plugins",
     "renderer", "scene", "typing", "unit", "utils")
)  # fmt: skip
"""What is given along with the rest, and serves no scene."""


def is_for_scenes(entry: Entry) -> bool:
    """Whether a class, function or constant is something that a scene may use."""
    named = entry.name not in _NO_TOPIC and not entry.name.endswith("_MESSAGE")
    return named and not entry.module.startswith(_NOT_FOR_SCENES) and is_drawn(entry)


def is_drawn(entry: Entry) -> bool:
    """Whether it is not for the other renderer."""
    return not any(name.startswith(_OTHER_RENDERER) for name in (entry.name, *entry.lineage))


def is_called(method: str) -> bool:
    """Whether a scene may want to call a method of this name, not only Manim itself."""
    whole = method in _INTERNAL_WHOLE or method.endswith(_CONVERSION)
    return not (whole or method.startswith(_INTERNAL))


def has_methods(index: ManimIndex, class_name: str) -> bool:
    """Whether scenes call methods of this class: of what is drawn, and of scenes."""
    return any(index.is_a(class_name, one) for one in _OF_A_SCENE)


def tells_methods(entry: Entry) -> bool:
    """Whether its methods are worth a list: an animation is played, and scenes leave the camera alone."""
    return entry.name != _CAMERA and _PLAYED not in (entry.name, *entry.lineage)
