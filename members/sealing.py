"""What the database keeps but cannot read: sealed with keys made from SECRET_KEY, one for each purpose."""

import base64

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.utils.crypto import salted_hmac


def vault(purpose: str) -> MultiFernet:
    """Keys of SECRET_KEY and its fallbacks, so that the secret key can be changed."""
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = [
        salted_hmac("members.adapter", purpose, secret=secret, algorithm="sha256").digest() for secret in secrets
    ]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])
