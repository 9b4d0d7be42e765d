"""A passkey's answer signs in once: to each question that was asked, however many requests bring the answer."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth as webauthn
from django.db.models import Q
from django.http import HttpRequest, JsonResponse
from django.utils import timezone

ASKED = "passkey_asked_at"


def ask(request: HttpRequest, user: Any) -> JsonResponse:
    """A fresh challenge, remembered in the session; for `user`, or for whoever has a passkey here."""
    request.session[ASKED] = time.time()
    return JsonResponse(webauthn.begin_authentication(user)["publicKey"])


def is_first(request: HttpRequest, passkey: Authenticator) -> bool:
    """Whether nobody used `passkey` since this session was asked; one conditional UPDATE, so of many one is first."""
    asked_at = datetime.fromtimestamp(request.session.get(ASKED, 0), UTC)
    unused = Authenticator.objects.filter(Q(last_used_at=None) | Q(last_used_at__lt=asked_at), pk=passkey.pk)
    return bool(unused.update(last_used_at=timezone.now()))
