"""What registers itself when it is imported: kinds of messages, planners, readers of mail. Each app finds its own by name."""

from __future__ import annotations

from fnmatch import fnmatch
from importlib import import_module
from pathlib import Path
from typing import TypeVar

from django.apps import AppConfig
from django.core.exceptions import ImproperlyConfigured

T = TypeVar("T")


class Registry(dict[str, T]):
    """By name, in the order in which they were added. No name stands for two."""

    def __init__(self, what: str) -> None:
        super().__init__()
        self.what = what

    def add(self, name: str, thing: T) -> None:
        if name in self:
            raise ImproperlyConfigured(f"Two {self.what} are called {name}: {self[name]!r} and {thing!r}.")
        self[name] = thing


def discover(app: AppConfig, *patterns: str) -> None:
    """Import the modules of the app whose path below it matches: `messages`, `*.messages` for those of its rooms."""
    root = Path(app.path)
    for path in sorted(root.rglob("*.py")):
        module = ".".join(path.relative_to(root).with_suffix("").parts)
        if any(fnmatch(module, pattern) for pattern in patterns):
            import_module(f"{app.name}.{module}")
