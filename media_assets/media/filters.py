"""Chains of libavfilter's filters over the frames of a stream."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from av import VideoFrame
    from av.filter import Graph


def chain_of(like: VideoFrame, steps: Sequence[tuple[str, str]]) -> Graph:
    """A graph that takes frames like this one through filters (name, options) one by one."""
    from av.filter import Graph

    graph = Graph()
    source = graph.add_buffer(
        width=like.width, height=like.height, format=like.format, time_base=like.time_base
    )
    filters = [graph.add(name, options or None) for name, options in steps]
    graph.link_nodes(source, *filters, graph.add("buffersink")).configure()
    return graph
