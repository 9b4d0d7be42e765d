import os
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.management.commands import collectstatic
from django.core.files.storage import storages

from portal import bundles


class Command(collectstatic.Command):
    """Django's own, with the bundles made first, and hashed and compressed names also where the directory is not there yet."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.storage = storages.create_storage(settings.COLLECTED)

    def handle(self, **options: Any) -> str | None:
        os.umask(0o022)  # the compressed copies are written without asking the storage for permissions
        bundles.write()
        return super().handle(**options)
