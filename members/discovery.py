"""Each app finds by itself what registers itself when it is imported: kinds of messages, planners, readers of mail, receivers."""

from __future__ import annotations

from fnmatch import fnmatch
from importlib import import_module
from pathlib import Path

from django.apps import AppConfig


def discover(app: AppConfig, *patterns: str) -> None:
    """Import the modules of the app whose path below it matches: `messages`, `*.messages` for those of its rooms."""
    root = Path(app.path)
    for path in sorted(root.rglob("*.py")):
        module = ".".join(path.relative_to(root).with_suffix("").parts)
        if any(fnmatch(module, pattern) for pattern in patterns):
            import_module(f"{app.name}.{module}")
