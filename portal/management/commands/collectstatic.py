from typing import Any

from django.contrib.staticfiles.management.commands import collectstatic

from portal import bundles


class Command(collectstatic.Command):
    """Django's own, with the bundles made first."""

    def handle(self, **options: Any) -> str | None:
        bundles.write()
        return super().handle(**options)
