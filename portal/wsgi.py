"""The WSGI application (gunicorn portal.wsgi)."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
django.setup(set_prefix=False)

from portal.gate import Handler  # noqa: E402 - needs the settings

application = Handler()
