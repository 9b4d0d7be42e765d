"""What the database keeps but cannot read, sealed with keys made from those of the settings, one for each purpose.

What lasts has a key of its own (SECRETS_KEY), so that a new SECRET_KEY ends sessions and nobody's second step. Before
there was one it was sealed under SECRET_KEY, which still opens it; `manage.py seal_again` seals all with the newest.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.utils.crypto import salted_hmac


def passing_keys() -> list[str]:
    """For what lives hours, and for proofs: the newest first."""
    return [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]


def lasting_keys() -> list[str]:
    """For what lies in the database for years: the newest first, and last those that it was sealed under before."""
    own = [settings.SECRETS_KEY] if settings.SECRETS_KEY else []
    return list(dict.fromkeys([*own, *settings.SECRETS_KEY_FALLBACKS, *passing_keys()]))


def vault(purpose: str) -> MultiFernet:
    """Seals what lasts with the newest key, and opens it with each."""
    return MultiFernet(_fernets(purpose, lasting_keys()))


def newest(purpose: str) -> Fernet:
    """Opens only what `vault` would not seal otherwise today."""
    return _fernets(purpose, lasting_keys())[0]


def passing_vault(purpose: str) -> MultiFernet:
    """For what is thrown away after an hour."""
    return MultiFernet(_fernets(purpose, passing_keys()))


def _fernets(purpose: str, keys: Iterable[str]) -> list[Fernet]:
    digests = [salted_hmac("members.adapter", purpose, secret=key, algorithm="sha256").digest() for key in keys]
    return [Fernet(base64.urlsafe_b64encode(digest)) for digest in digests]
