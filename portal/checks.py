"""What `manage.py check --deploy` says about a start that works and should not stay so."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning  # noqa: A004 (Django's word)


def sealed_with_a_key_of_its_own(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if settings.SECRETS_KEY:
        return []
    words = "SECRETS_KEY is not set, so a new SECRET_KEY ends the second step of everybody with an authenticator app."
    return [
        Warning(
            words, hint="Set it to 32 random characters or more, then run `manage.py seal_again`.", id="portal.W001"
        )
    ]
