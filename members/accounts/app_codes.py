"""A code of the authenticator app works once (RFC 6238, section 5.2): the row keeps the counter of the last one used.

Codes of half a minute before and after are valid too, so a code is valid for longer than a cache would remember it.
"""

from __future__ import annotations

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.utils import decrypt
from django.contrib.postgres.fields import ArrayField
from django.db.models import F, Func, JSONField, Q, TextField, Value

LAST = "last_counter"


def is_first(app: Authenticator, typed: str) -> bool:
    """Whether `typed`, a valid code, is newer than all used before; one conditional UPDATE, so of two requests one is
    first.
    """
    counter = _counter_of(decrypt(app.data["secret"]), typed)
    if counter is None:
        return False
    unused = Authenticator.objects.filter(~Q(data__has_key=LAST) | Q(data__last_counter__lt=counter), pk=app.pk)
    path = Value([LAST], ArrayField(TextField()))
    marked = Func(F("data"), path, Value(counter, JSONField()), function="jsonb_set", output_field=JSONField())
    return bool(unused.update(data=marked))


def _counter_of(secret: str, typed: str) -> int | None:
    """The latest of the counters that this code is right for now."""
    right = [
        counter
        for counter in totp.yield_hotp_counters_from_time()
        if compare_user_code(actual=typed, expected=totp.format_hotp_value(totp.hotp_value(secret, counter)))
    ]
    return max(right, default=None)
