"""Registers the planners of polls."""

from events.polls import sweeping

__all__ = ["sweeping"]
