"""Email addresses as people type them, and those that only look like somebody else's."""

import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


def folded(address: str) -> str:
    """The form in which addresses are compared: no spaces around, compatibility forms and case folded away."""
    return unicodedata.normalize("NFKC", address.replace("\0", "")).strip().casefold()


def hinted(address: str) -> str:
    """c…@tucsonaz.gov: whoever owns it knows it, whoever was forwarded a mail does not learn it."""
    mailbox, _at, domain = address.rpartition("@")
    return f"{mailbox[:1]}…@{domain}"


def refuse_look_alikes(address: str) -> None:
    """Raise ValidationError for letters outside ASCII: a Cyrillic "а" in a known address is an imitation."""
    if not address.isascii():
        raise ValidationError(
            _("Use plain letters (a to z), digits and signs only. Letters of other alphabets can imitate an address."),
            "look_alike",
        )
