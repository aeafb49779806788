"""A graph: nodes as cards, edges that go around them, and at the end the path, walked from node to node."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from manim import (
    Animation,
    AnimationGroup,
    Create,
    FadeIn,
    GrowFromCenter,
    LaggedStart,
    Polygon,
    RoundedRectangle,
    VGroup,
    VMobject,
)

from quantumsketch.narration import beat_seconds
from quantumsketch.visuals import Graph, Revealed
from renderers.manim.audit import belongs
from renderers.manim.layout.cards import Card, Cards
from renderers.manim.layout.labels import Labels
from renderers.manim.layout.legend import Entry, Legend, beside_or_below
from renderers.manim.layout.network import layouts
from renderers.manim.layout.placement import Key, Point
from renderers.manim.layout.routing import route
from renderers.manim.layout.spots import beside
from renderers.manim.scene import BeatScene, Playable
from renderers.manim.stage import Box
from renderers.manim.theme import Theme
from renderers.manim.timing import appearances, moments

_MARGIN = 0.3
"""Around all cards, for edges that go around the outermost."""
_TIP = 0.2
_STEP_S = 0.5
"""Time for each node of the path."""


@dataclass
class _Picture:
    """One attempt at the graph in one box; what is in `explained` needs a legend."""

    cards: dict[str, Card]
    routes: list[list[Point]]
    labels: dict[Key, VGroup]
    explained: dict[Key, str]


def draw(scene: BeatScene, visual: Graph) -> None:
    """Let nodes appear, each edge as soon as both its ends are there, then walk the path."""
    content, theme = scene.stage.content, scene.theme
    timed = _timed(scene, visual)
    texts = Cards({node.id: node.label or node.id for node in visual.nodes}, theme)
    picture, legend_box = _laid_out(visual, texts, content, theme), content
    if picture.explained:
        figure, legend_box = beside_or_below(content, len(picture.explained), scene.stage)
        picture = _laid_out(visual, texts, figure, theme)
    entries = [
        Entry(key, picture.explained[key], theme.accent, line=key[0] == "edge")
        for _, key in timed
        if key in picture.explained
    ]
    legend = Legend(legend_box, theme, entries)
    nodes = {node.id: _node(picture.cards[node.id], theme) for node in visual.nodes}
    edges = [_edge(path, visual.directed, theme.muted, theme.strokes.normal * 0.8) for path in picture.routes]
    for at, keys in moments(timed):
        playing: list[Playable] = []
        for kind, index in keys:
            if kind == "node":
                playing.append(_grown(nodes[visual.nodes[index].id]))
            else:
                playing.append(Create(edges[index]))
                playing += [FadeIn(picture.labels[kind, index])] if (kind, index) in picture.labels else []
        legend.reveal(scene, at, keys, *playing)
        scene.emphasise(next((picture.labels[key] for key in keys if key in picture.labels), None))
    _walk(scene, visual, nodes, picture.routes)


def _timed(scene: BeatScene, visual: Graph) -> list[tuple[float, Key]]:
    """When each part appears. An edge without a cue comes with the later of its ends."""
    parts: dict[Key, Revealed] = {("node", index): node for index, node in enumerate(visual.nodes)}
    parts.update({("edge", index): edge for index, edge in enumerate(visual.edges) if edge.cue})
    times = dict(zip(parts, appearances(scene, list(parts.values())), strict=True))
    nodes = {node.id: times["node", index] for index, node in enumerate(visual.nodes)}
    for index, edge in enumerate(visual.edges):
        ends = max(nodes[edge.source], nodes[edge.target])
        times["edge", index] = max(ends, times.get(("edge", index), ends))
    return sorted(((at, key) for key, at in times.items()), key=lambda pair: pair[0])


def _laid_out(visual: Graph, texts: Cards, box: Box, theme: Theme) -> _Picture:
    """Cards, routes and the labels of the edges in this box."""
    names = {node.id: node.label or node.id for node in visual.nodes}
    pairs = [(edge.source, edge.target) for edge in visual.edges]
    choices = layouts(list(names), pairs, visual.directed, visual.layout)
    inner, explained = box.inset(_MARGIN, 0.6 * _MARGIN), dict[Key, str]()
    cards = texts.arranged(choices, inner)
    if cards is None:
        numbers = {node: str(index + 1) for index, node in enumerate(names)}
        cards = Cards(numbers, theme).arranged(choices, inner) or {}
        explained = {("node", i): f"{i + 1}  {name}" for i, name in enumerate(names.values())}
    boxes = {node: card.box for node, card in cards.items()}
    routes = [
        route(boxes[source], boxes[target], [boxes[n] for n in boxes if n not in (source, target)], box)
        for source, target in pairs
    ]
    labels = Labels(box, theme, 1.1 * theme.type.label)
    for card in boxes.values():
        labels.placer.solid(card)
    for path in routes:
        labels.placer.stroke(path)
    for index, edge in enumerate(visual.edges):
        if edge.label:
            labels.want(("edge", index), edge.label, beside(routes[index]), color=theme.highlight)
    drawn, homeless = labels.settle()
    for kind, index in homeless:
        edge = visual.edges[index]
        arrow = "→" if visual.directed else "–"
        explained[kind, index] = f"{names[edge.source]} {arrow} {names[edge.target]}: {edge.label}"
    return _Picture(cards, routes, drawn, explained)


def _node(card: Card, theme: Theme) -> VGroup:
    """A card: its shape, then its text."""
    radius = min(card.box.width, card.box.height) / 2
    shape = RoundedRectangle(
        width=card.box.width, height=card.box.height, corner_radius=min(radius, 0.35) * 0.98,
        stroke_color=theme.accent, stroke_width=theme.strokes.normal, fill_color=theme.panel, fill_opacity=1,
    )  # fmt: skip
    shape.move_to(card.box.center)
    belongs(card.text, shape)
    return VGroup(shape.set_z_index(2), card.text.set_z_index(3))


def _grown(node: VGroup) -> Animation:
    return AnimationGroup(GrowFromCenter(node[0]), FadeIn(node[1]))


def _edge(path: Sequence[Point], directed: bool, color: str, width: float) -> VGroup:
    """The line along a route, with a tip at its end if directed."""
    if not directed:
        return VGroup(_line(path, color, width))
    end = path[-1]
    foot = next((point for point in reversed(path) if math.dist(point, end) >= _TIP), path[0])
    body = [point for point in path if math.dist(point, end) >= 0.8 * _TIP] or [path[0]]
    return VGroup(_line([*body, foot] if len(body) < 2 else body, color, width), _tip(foot, end, color))


def _line(path: Sequence[Point], color: str, width: float) -> VMobject:
    return VMobject().set_points_as_corners([(x, y, 0.0) for x, y in path]).set_stroke(color, width)


def _tip(foot: Point, end: Point, color: str) -> Polygon:
    length = math.dist(foot, end) or 1.0
    ux, uy = (end[0] - foot[0]) / length, (end[1] - foot[1]) / length
    side = 0.45 * _TIP
    x, y = end[0] - _TIP * ux, end[1] - _TIP * uy
    corners = [(*end, 0), (x - side * uy, y + side * ux, 0), (x + side * uy, y - side * ux, 0)]
    return Polygon(*corners, stroke_width=0, fill_color=color, fill_opacity=1)


def _walk(scene: BeatScene, visual: Graph, nodes: dict[str, VGroup], routes: Sequence[list[Point]]) -> None:
    """Light the nodes and edges of the path up, one after the other, at the end of the beat."""
    if not visual.path:
        return
    theme, steps = scene.theme, list[Animation]()
    for index, name in enumerate(visual.path):
        if index:
            path = _between(visual, routes, visual.path[index - 1], name)
            lit = _edge(path, visual.directed, theme.highlight, theme.strokes.thick)
            steps.append(Create(lit.set_z_index(1)))
        lit_stroke = nodes[name][0].animate.set_stroke(theme.highlight, theme.strokes.thick)
        steps.append(lit_stroke.build())
    length = _STEP_S * len(visual.path) + 0.5
    at = beat_seconds(scene.beat.narration) - length - 0.8
    scene.reveal(max(0.0, at), LaggedStart(*steps, lag_ratio=0.6), run_time=length)


def _between(visual: Graph, routes: Sequence[list[Point]], start: str, end: str) -> list[Point]:
    """The route of the edge between two nodes, in the direction in which it is walked."""
    for edge, path in zip(visual.edges, routes, strict=True):
        if (edge.source, edge.target) == (start, end):
            return list(path)
        if not visual.directed and (edge.source, edge.target) == (end, start):
            return list(reversed(path))
    raise ValueError(f"no edge goes from {start!r} to {end!r}")
