"""Lays out the nodes of a graph: as a tree, in layers, in a circle or on a grid, in either direction.

Pure and deterministic. Gives places in the unit square (0,0 top left); knows neither sizes nor drawing.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Edge = tuple[str, str]
Place = tuple[float, float]


@dataclass(frozen=True)
class Layout:
    """A place for each node in the unit square, and how many fit side by side each way."""

    places: Mapping[str, Place]
    columns: float
    rows: float
    grid: bool = False
    """Holds any number of nodes, but shows nothing of how they hang together."""

    def turned(self) -> Layout:
        """The same from left to right instead of from top to bottom."""
        places = {node: (v, u) for node, (u, v) in self.places.items()}
        return Layout(places, self.rows, self.columns)


def layouts(nodes: Sequence[str], edges: Sequence[Edge], directed: bool, wanted: str) -> list[Layout]:
    """The layouts worth trying, the best first. `wanted` is auto, tree, circle or layers."""
    kind = _natural(nodes, edges, directed) if wanted == "auto" else wanted
    rows = grids(nodes)
    if kind == "circle":
        return [_circle(nodes), *rows]
    if kind == "grid":
        return rows
    arranged = _tree(nodes, edges, directed) if kind == "tree" else _layers(nodes, edges, directed)
    return [arranged, arranged.turned(), *rows]


def _natural(nodes: Sequence[str], edges: Sequence[Edge], directed: bool) -> str:
    if not edges:
        return "grid"
    if _is_forest(nodes, edges):
        return "tree"
    if directed and not _back_edges(nodes, edges):
        return "layers"
    return "circle"


def _is_forest(nodes: Sequence[str], edges: Sequence[Edge]) -> bool:
    return len(edges) == len(nodes) - len(_components(nodes, edges))


def _neighbours(nodes: Sequence[str], edges: Sequence[Edge]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {node: [] for node in nodes}
    for source, target in edges:
        found[source].append(target)
        found[target].append(source)
    return found


def _components(nodes: Sequence[str], edges: Sequence[Edge]) -> list[list[str]]:
    """Connected groups of nodes, in the order of their first node."""
    neighbours, seen, groups = _neighbours(nodes, edges), set[str](), list[list[str]]()
    for node in nodes:
        if node not in seen:
            group = list(_depths([node], neighbours))
            seen.update(group)
            groups.append(group)
    return groups


def _depths(roots: Sequence[str], neighbours: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Breadth-first distance from the roots, of every node that can be reached."""
    depths, queue = dict.fromkeys(roots, 0), deque(roots)
    while queue:
        node = queue.popleft()
        for neighbour in neighbours[node]:
            if neighbour not in depths:
                depths[neighbour] = depths[node] + 1
                queue.append(neighbour)
    return depths


def _roots(nodes: Sequence[str], edges: Sequence[Edge], directed: bool) -> list[str]:
    """One root for each connected group: where no edge comes in if directed, else the first named."""
    entered = {target for _, target in edges}
    order = {node: index for index, node in enumerate(nodes)}
    roots = []
    for group in _components(nodes, edges):
        sources = [node for node in group if node not in entered] if directed else []
        roots.append(min(sources or group, key=order.__getitem__))
    return roots


def _tree(nodes: Sequence[str], edges: Sequence[Edge], directed: bool) -> Layout:
    """Leaves side by side, each parent above the middle of its children."""
    neighbours, slots, depths = _neighbours(nodes, edges), dict[str, float](), dict[str, int]()
    leaves = 0.0

    def settle(node: str, depth: int) -> float:
        nonlocal leaves
        depths[node] = depth
        children = owned[node]
        if not children:
            slots[node] = leaves
            leaves += 1
        else:
            places = [settle(child, depth + 1) for child in children]
            slots[node] = (places[0] + places[-1]) / 2
        return slots[node]

    roots = _roots(nodes, edges, directed)
    owned = _children(roots, neighbours)
    for root in roots:
        settle(root, 0)
    across, down = max(1.0, leaves - 1), max(1, *depths.values(), 0)
    places = {
        node: (_share(slots[node], leaves, across), _share(depths[node], down + 1, down)) for node in nodes
    }
    return Layout(places, leaves, max(depths.values()) + 1)


def _share(position: float, count: float, last: float) -> float:
    return 0.5 if count <= 1 else position / last


def _children(roots: Sequence[str], neighbours: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Each node's children in the breadth-first tree from the roots."""
    owned: dict[str, list[str]] = {node: [] for node in neighbours}
    seen, queue = set(roots), deque(roots)
    while queue:
        node = queue.popleft()
        for neighbour in neighbours[node]:
            if neighbour not in seen:
                seen.add(neighbour)
                owned[node].append(neighbour)
                queue.append(neighbour)
    return owned


def _back_edges(nodes: Sequence[str], edges: Sequence[Edge]) -> set[Edge]:
    """Edges that close a directed cycle when the nodes are walked in order."""
    following: dict[str, list[str]] = {node: [] for node in nodes}
    for source, target in edges:
        following[source].append(target)
    done, active, found = set[str](), set[str](), set[Edge]()

    def walk(node: str) -> None:
        active.add(node)
        for target in following[node]:
            if target in active:
                found.add((node, target))
            elif target not in done:
                walk(target)
        active.discard(node)
        done.add(node)

    for node in nodes:
        if node not in done:
            walk(node)
    return found


def _layers(nodes: Sequence[str], edges: Sequence[Edge], directed: bool) -> Layout:
    """Rows by longest way from a source (directed) or by distance from the root, ordered to cross little."""
    if directed:
        depths = _longest(nodes, [edge for edge in edges if edge not in _back_edges(nodes, edges)])
    else:
        depths = _depths(_roots(nodes, edges, directed), _neighbours(nodes, edges))
    layers = [[n for n in nodes if depths[n] == depth] for depth in range(max(depths.values()) + 1)]
    _uncross(layers, _neighbours(nodes, edges))
    widest, last = max(map(len, layers)), max(1, len(layers) - 1)
    places = {
        node: ((index - (len(layer) - 1) / 2) / max(1, widest - 1) + 0.5, _share(depth, len(layers), last))
        for depth, layer in enumerate(layers)
        for index, node in enumerate(layer)
    }
    return Layout(places, widest, len(layers))


def _longest(nodes: Sequence[str], edges: Sequence[Edge]) -> dict[str, int]:
    depths = dict.fromkeys(nodes, 0)
    for _ in nodes:
        for source, target in edges:
            depths[target] = max(depths[target], depths[source] + 1)
    return depths


def _uncross(layers: list[list[str]], neighbours: Mapping[str, Sequence[str]]) -> None:
    """Order each layer by the mean position of its neighbours, down and up a few times."""
    for sweep in range(6):
        position = {
            node: index - (len(layer) - 1) / 2 for layer in layers for index, node in enumerate(layer)
        }
        for layer in layers if sweep % 2 == 0 else reversed(layers):

            def pull(node: str, position: dict[str, float] = position) -> float:
                pulls = [position[other] for other in neighbours[node]]
                return sum(pulls) / len(pulls) if pulls else position[node]

            layer.sort(key=pull)
            position.update({node: index - (len(layer) - 1) / 2 for index, node in enumerate(layer)})


def _circle(nodes: Sequence[str]) -> Layout:
    """Clockwise from the top, in the order given."""
    if len(nodes) == 1:
        return Layout({nodes[0]: (0.5, 0.5)}, 1, 1)
    turn = math.tau / len(nodes)
    places = {
        node: (0.5 + 0.5 * math.sin(turn * index), 0.5 - 0.5 * math.cos(turn * index))
        for index, node in enumerate(nodes)
    }
    across = max(2.4, len(nodes) / 1.7)
    return Layout(places, across, across)


def grids(nodes: Sequence[str]) -> list[Layout]:
    """Rows of equally many nodes, for each sensible number of columns."""
    square = math.sqrt(len(nodes))
    counts = sorted(range(1, min(6, len(nodes)) + 1), key=lambda columns: abs(columns - square))
    return [_grid(nodes, columns) for columns in counts]


def _grid(nodes: Sequence[str], columns: int) -> Layout:
    rows = math.ceil(len(nodes) / columns)
    places = {}
    for index, node in enumerate(nodes):
        row, column = divmod(index, columns)
        here = min(columns, len(nodes) - row * columns)
        across = (column - (here - 1) / 2) / max(1, columns - 1) + 0.5
        places[node] = (across, _share(row, rows, max(1, rows - 1)))
    return Layout(places, columns, rows, grid=True)
