"""Signing in, as its owner sees it: passkeys, the authenticator app, recovery codes, devices and tokens."""

from __future__ import annotations

import base64
from functools import partial
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.flows import generate_recovery_codes
from allauth.mfa.totp.internal.flows import activate_totp, deactivate_totp
from allauth.mfa.webauthn.forms import ReauthenticateWebAuthnForm
from allauth.mfa.webauthn.internal.flows import add_authenticator, remove_authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from knox.models import AuthToken

from members.accounts import app_codes, codes, enrollment, passkeys, sealed_factors, second_step, sessions
from members.accounts.messages import send_sign_in_code, tell_security_news
from members.models import AuditEntry
from members.settings import security_page
from members.settings.forms import AppForm, PasskeyForm
from members.sign_in.access import once_settled, recently_confirmed
from members.sign_in.forms import CodeForm
from members.sign_in.views import factor_proof, next_of, to
from members.web import kept
from members.web.acts import act_of, page_or_post
from members.web.once import leads_on, once
from members.web.pages import page_at

TYPE = Authenticator.Type
LATER = "second_step_later"
CONFIRM = "confirm"


def _page(request: HttpRequest, template: str, status: int = 200, **context: Any) -> HttpResponse:
    context |= {**page_at("settings", section="security"), "next": next_of(request)}
    form = context.get("form")
    return kept.page(request, template, context, *([form] if form else []), status=status)


@require_safe
def security(request: HttpRequest) -> HttpResponse:
    factors = list(Authenticator.objects.filter(user=request.user).order_by("pk"))
    return _page(
        request,
        "members/settings_security.html",
        ways=security_page.ways_in(request.user, factors),
        second_step=security_page.second_step_of(request.user, factors),
        last_resorts=list(security_page.recovery_codes(factors)),
        lost=sealed_factors.closed(request.user)[0],
        invite=not factors and not request.session.get(LATER),
        wanted=second_step.is_missing(request.user),
        devices=security_page.devices(request),
        tokens=AuthToken.objects.filter(user=request.user).order_by("-created"),
    )


@recently_confirmed
@once_settled
@act_of("settings_security")
def second_step_always(request: HttpRequest) -> HttpResponse:
    """Ask for it at every sign-in (`always`), or let the mailed code be enough where no app is."""
    always = bool(request.POST.get("always"))
    if always and not sessions.has_factor(request.user):
        return redirect("settings_security")
    if request.user.ask_for_second_step(always):
        words = SECOND_STEP_NEWS[always]
        tell_security_news(request.user, str(words), device=sessions.device_of(request))
        messages.success(request, words)
    return redirect("settings_security")


SECOND_STEP_NEWS = {
    True: gettext_lazy("Every sign-in takes a second step now: after a mailed code, your passkey or a recovery code."),
    False: gettext_lazy("A mailed code alone signs you in again. Your passkey still works."),
}


@act_of("settings_security")
def later(request: HttpRequest) -> HttpResponse:
    """Put the invitation to add a second step away, on this device."""
    request.session[LATER] = True
    return redirect("settings_security")


# Proving again who one is -------------------------------------------------------------------------


@never_cache
@page_or_post
def reauthenticate(request: HttpRequest) -> HttpResponse:
    if sessions.has_factor(request.user):
        return _confirm_by_factor(request)
    form = CodeForm(request.POST if "code" in request.POST else None)
    sent = _confirms_by_mail_at(request)
    if form.is_bound and not sent and sessions.is_recent(request):  # the button, pressed twice
        return redirect(next_of(request) or "settings_security")
    if form.is_bound and form.is_valid():
        try:
            if not sent:
                raise codes.Refused("expired")
            codes.check(request, CONFIRM, form.cleaned_data["code"])
        except codes.Refused as refused:
            if refused.reason == "used":
                return redirect(next_of(request) or "settings_security")
            form.add_error("code", refused.words)
        else:
            sessions.record_proof(request, request.user, "code", "mail")
            return redirect(next_of(request) or "settings_security")
    return _page(request, "account/reauthenticate.html", form=form, sent=sent)


@act_of("account_reauthenticate")
def reauthenticate_code(request: HttpRequest) -> HttpResponse:
    """Mail the code that proves it again."""
    email = request.user.email

    def send() -> None:
        send_sign_in_code(email, request.user, codes.issue(request, CONFIRM, email))

    if refused := codes.send_once(request, CONFIRM, email, send):
        messages.error(request, refused)
    return redirect(to("account_reauthenticate", request))


@act_of("account_reauthenticate")
def reauthenticate_options(request: HttpRequest) -> HttpResponse:
    return passkeys.ask(request, request.user, passkeys.CONFIRM)


def _confirms_by_mail_at(request: HttpRequest) -> str:
    """The address to which a code went; "" when none did, or when it is no longer the person's own."""
    email = codes.address_of(request.session, CONFIRM)
    return email if email == request.user.email else ""


def _factors(request: HttpRequest) -> set[str]:
    """The kinds of second steps that the account has."""
    return set(Authenticator.objects.filter(user=request.user).values_list("type", flat=True))


def _confirm_by_factor(request: HttpRequest) -> HttpResponse:
    proof = factor_proof(request, request.user, ReauthenticateForm, ReauthenticateWebAuthnForm, passkeys.CONFIRM)
    if request.method == "POST" and proof.is_valid():
        proof.save()
        return redirect(next_of(request) or "settings_security")
    types = _factors(request)
    return _page(
        request, "mfa/reauthenticate.html", form=proof, has_passkey=TYPE.WEBAUTHN in types, has_app=TYPE.TOTP in types
    )


# Passkeys -----------------------------------------------------------------------------------------


@recently_confirmed
@once_settled
@never_cache
@page_or_post
def passkey_add(request: HttpRequest) -> HttpResponse:
    form = PasskeyForm(request.POST or None, user=request.user, initial={"name": _passkey_name(request)})
    enrollment.ask_for_code(request, form)
    if request.method == "POST" and passkeys.is_new(request, form):
        return once(request, partial(_add_passkey, request, form))
    return _page(request, "mfa/webauthn/add_form.html", form=form)


def _add_passkey(request: HttpRequest, form: PasskeyForm) -> HttpResponse:
    if not enrollment.is_proved(request, form):
        return _page(request, "mfa/webauthn/add_form.html", form=form)
    fresh = add_authenticator(request, form.cleaned_data["name"], form.cleaned_data["credential"])[1]
    sessions.record_proof(request, request.user, "mfa", TYPE.WEBAUTHN)
    AuditEntry.record(request.user, "added passkey", request.user)
    enrollment.tell(request)
    return _after_adding(request, bool(fresh))


@recently_confirmed
@act_of("passkey_add")
def passkey_add_options(request: HttpRequest) -> HttpResponse:
    return passkeys.ask_for_new(request)


@recently_confirmed
@once_settled
@page_or_post
@leads_on
def passkey_remove(request: HttpRequest, pk: int) -> HttpResponse:
    passkey = get_object_or_404(Authenticator, pk=pk, user=request.user, type=TYPE.WEBAUTHN)
    if request.method == "POST":
        remove_authenticator(request, passkey)
        return _after_removing(request, "removed passkey")
    return _page(request, "mfa/webauthn/authenticator_confirm_delete.html", name=passkey.wrap().name)


# The authenticator app ----------------------------------------------------------------------------


@recently_confirmed
@once_settled
@never_cache
@page_or_post
def app_add(request: HttpRequest) -> HttpResponse:
    if TYPE.TOTP in _factors(request):
        return redirect("settings_security")
    form = AppForm(request.POST or None, user=request.user)
    enrollment.ask_for_code(request, form)
    with transaction.atomic():
        if request.method == "POST" and form.is_valid() and enrollment.is_proved(request, form):
            return _add_app(request, form)
    return _app_page(request, form)


def _add_app(request: HttpRequest, form: AppForm) -> HttpResponse:
    app, fresh = activate_totp(request, form)
    app_codes.is_first(app, form.cleaned_data["code"])  # used up by this
    sessions.record_proof(request, request.user, "mfa", TYPE.TOTP)
    AuditEntry.record(request.user, "added authenticator app", request.user)
    enrollment.tell(request)
    return _after_adding(request, bool(fresh))


def _app_page(request: HttpRequest, form: AppForm) -> HttpResponse:
    address = get_adapter().build_totp_url(request.user, form.secret)
    picture = base64.b64encode(get_adapter().build_totp_svg(address).encode()).decode()
    secret = " ".join(form.secret[at : at + 4] for at in range(0, len(form.secret), 4))
    return _page(
        request,
        "mfa/totp/activate_form.html",
        form=form,
        picture=f"data:image/svg+xml;base64,{picture}",
        secret=secret,
        address=address,
    )


@recently_confirmed
@once_settled
@page_or_post
@leads_on
def app_remove(request: HttpRequest) -> HttpResponse:
    app = get_object_or_404(Authenticator, user=request.user, type=TYPE.TOTP)
    if request.method == "POST":
        deactivate_totp(request, app)
        return _after_removing(request, "removed authenticator app")
    return _page(request, "mfa/totp/deactivate_form.html")


# Recovery codes -----------------------------------------------------------------------------------


@recently_confirmed
@never_cache
@require_safe
def recovery_codes(request: HttpRequest) -> HttpResponse:
    return _page(request, "mfa/recovery_codes/index.html", **_codes_of(request))


@recently_confirmed
@never_cache
@require_safe
def recovery_codes_file(request: HttpRequest) -> HttpResponse:
    found = _codes_of(request)
    if found["lost"]:
        return redirect("recovery_codes")
    lines = [
        _("Recovery codes of %(email)s at %(site)s. Each works once.")
        % {"email": request.user.email, "site": settings.SITE_URL},
        "",
        *found["codes"],
        "",
    ]
    return HttpResponse(
        "\n".join(lines),
        content_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="recovery-codes.txt"'},
    )


def _codes_of(request: HttpRequest) -> dict[str, Any]:
    """Those that still work, or that no key opens them."""
    factor = get_object_or_404(Authenticator, user=request.user, type=TYPE.RECOVERY_CODES)
    if not sealed_factors.opens(factor):
        return {"codes": [], "lost": True}
    return {"codes": factor.wrap().get_unused_codes(), "lost": False}


@recently_confirmed
@once_settled
@act_of("recovery_codes")
def recovery_codes_new(request: HttpRequest) -> HttpResponse:
    if _factors(request) - {TYPE.RECOVERY_CODES}:
        return once(request, partial(_make_codes, request), keyless=False)
    return redirect("settings_security")


def _make_codes(request: HttpRequest) -> HttpResponse:
    generate_recovery_codes(request)
    AuditEntry.record(request.user, "made recovery codes", request.user)
    return redirect("recovery_codes")


# Devices ------------------------------------------------------------------------------------------


@act_of("settings_security")
@leads_on
def device_end(request: HttpRequest, pk: int) -> HttpResponse:
    device = UserSession.objects.filter(pk=pk, user=request.user).exclude(session_key=request.session.session_key)
    get_object_or_404(device)
    sessions.end(device)
    messages.success(request, _("That device is signed out."))
    return redirect("settings_security")


@recently_confirmed
@act_of("settings_security")
def device_end_others(request: HttpRequest) -> HttpResponse:
    sessions.end_others(request)
    messages.success(request, _("All other devices are signed out."))
    return redirect("settings_security")


# Tokens for programs ------------------------------------------------------------------------------


@recently_confirmed
@once_settled
@act_of("settings_security")
def token_add(request: HttpRequest) -> HttpResponse:
    if not request.user.is_member:
        raise PermissionDenied(_("Tokens are for members."))
    if AuthToken.objects.filter(user=request.user).count() >= settings.REST_KNOX["TOKEN_LIMIT_PER_USER"]:
        messages.error(request, _("You have ten tokens already. Revoke one you no longer use."))
        return redirect("settings_security")
    return once(request, partial(_make_token, request), page=reverse("settings_security"))


def _make_token(request: HttpRequest) -> HttpResponse:
    """Shown this once, so that the same post again shows the list it is in."""
    token = AuthToken.objects.create(request.user)[1]
    AuditEntry.record(request.user, "made token", request.user)
    news = _("A token for programs was made, which reads and answers calls as you.")
    tell_security_news(request.user, news, device=sessions.device_of(request))
    return _page(request, "members/token_made.html", token=token)


@act_of("settings_security")
@leads_on
def token_revoke(request: HttpRequest, key: str) -> HttpResponse:
    token = get_object_or_404(AuthToken, token_key=key, user=request.user)
    token.delete()
    AuditEntry.record(request.user, "revoked token", request.user)
    messages.success(request, _("The token no longer works."))
    return redirect("settings_security")


def _passkey_name(request: HttpRequest) -> str:
    browser, system = sessions.device_name(request.headers.get("User-Agent", ""))
    return system or browser or _("Passkey")


def _after_adding(request: HttpRequest, fresh_codes: bool) -> HttpResponse:
    """On to the recovery codes that came with the first factor, else to where the person was going."""
    return redirect(to("recovery_codes", request) if fresh_codes else next_of(request) or "settings_security")


def _after_removing(request: HttpRequest, verb: str) -> HttpResponse:
    """Other devices may have got in with what was removed: they are signed out."""
    AuditEntry.record(request.user, verb, request.user)
    sessions.end_others(request)
    if not sessions.has_factor(request.user):
        sessions.forget_strength(request)
    return redirect("settings_security")
