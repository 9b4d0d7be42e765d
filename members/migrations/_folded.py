"""What the first migrations indexed, kept for them alone: search compares members_words since 0013."""

from typing import Any

from django.db.models import Func

ACCENTED = "ÁÀÂÄÃÅĀÇĆČÉÈÊËĒÍÌÎÏĪÑŃÓÒÔÖÕŌŚŠÚÙÛÜŪÝŹŻŽ’‘ʻʼ"
PLAIN = "AAAAAAACCCEEEEEIIIIINNOOOOOOSSUUUUUYZZZ''''"


class Folded(Func):
    template = f"translate(upper(%(expressions)s), '{ACCENTED}', '{PLAIN.replace(chr(39), chr(39) * 2)}')"
    arity = 1

    def __init__(self, expression: Any, **extra: Any) -> None:
        super().__init__(expression, **extra)
