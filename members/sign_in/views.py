"""Getting in: email, code, and for those who set it up the second step; passkeys; and out again."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.logout import logout
from allauth.account.models import Login
from allauth.account.stages import LoginStageController
from allauth.core import ratelimit
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import AuthenticateWebAuthnForm, LoginWebAuthnForm
from allauth.mfa.webauthn.internal.flows import perform_passwordless_login
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from members.accounts import app_codes, codes, passkeys, sealed_factors, sessions, wrong_steps
from members.sign_in.adapter import BRIEF, is_own_path
from members.sign_in.forms import FactorForm, SignInCodeForm, SignInForm
from members.sign_in.login_stages import SecondStepStage
from members.sign_in.signing_in import SignIn
from members.web import kept, unsent
from members.web.acts import act_of, page_or_post


def next_of(request: HttpRequest) -> str:
    """Where to go afterwards: a path of ours, "" for none."""
    path = request.POST.get("next") or request.GET.get("next") or ""
    return path if is_own_path(path) else ""


def to(name: str, request: HttpRequest) -> str:
    """The address of a page, with `next` carried along."""
    path = next_of(request)
    return f"{reverse(name)}?{urlencode({'next': path})}" if path else reverse(name)


@login_not_required
@never_cache
@page_or_post
def sign_in(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect(next_of(request) or settings.LOGIN_REDIRECT_URL)
    form = SignInForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _email_page(request, form)
    email = form.cleaned_data["email"]
    pending = SignIn.begin(request, email)
    sessions.note_clock(request)
    if not pending.send_once():
        form.add_error("email", codes.THREE)
        return _email_page(request, form, status=429)
    return redirect(to("account_confirm_login_code", request))


@login_not_required
@never_cache
@page_or_post
def code(request: HttpRequest) -> HttpResponse:
    pending = SignIn.pending(request)
    if request.user.is_authenticated or pending is None:
        return redirect(to(_where_one_stands(request), request))
    form = SignInCodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            pending.check(form.cleaned_data["code"])
            request.session[BRIEF] = not form.cleaned_data["keep"]
            return pending.finish(next_of(request) or None)
        except codes.Refused as refused:
            if refused.reason == "used":  # by the same button, pressed twice
                return redirect(to("account_confirm_login_code", request))
            form.add_error("code", refused.words)
            return _code_page(request, pending, form, status=429 if refused.reason == "tries" else 200)
    return _code_page(request, pending, form)


@login_not_required
@act_of("account_confirm_login_code")
def code_again(request: HttpRequest) -> HttpResponse:
    pending = SignIn.pending(request)
    if pending is None:
        return redirect(to("account_login", request))
    if pending.send_once():
        messages.success(request, _("A new code is on its way. The earlier one no longer works."))
    else:
        messages.error(request, codes.THREE)
    return redirect(to("account_confirm_login_code", request))


@login_not_required
@never_cache
@page_or_post
def second_step(request: HttpRequest) -> HttpResponse:
    """The authenticator app's code, a recovery code, or a passkey, after the mailed code was right."""
    stage = LoginStageController.enter(request, SecondStepStage.key)
    if request.user.is_authenticated or stage is None:
        return redirect(to("account_login", request))
    proof = factor_proof(request, stage.login.user, AuthenticateForm, AuthenticateWebAuthnForm, passkeys.SECOND_STEP)
    if request.method == "POST" and proof.is_valid():
        proof.save()
        return stage.exit()
    types = set(Authenticator.objects.filter(user=stage.login.user).values_list("type", flat=True))
    has_passkey, has_app = Authenticator.Type.WEBAUTHN in types, Authenticator.Type.TOTP in types
    context = {"form": proof, "has_passkey": has_passkey, "has_app": has_app, "next": next_of(request)}
    return kept.page(request, "account/second_step.html", context, proof, at=to("mfa_authenticate", request))


@login_not_required
@act_of("mfa_authenticate")
def second_step_options(request: HttpRequest) -> HttpResponse:
    """What the browser needs to ask for a passkey of the person on their way in."""
    stage = LoginStageController.enter(request, SecondStepStage.key)
    return passkeys.ask(request, stage.login.user if stage else None, passkeys.SECOND_STEP)


@login_not_required
@never_cache
@act_of("account_login")
def passkey(request: HttpRequest) -> HttpResponse:
    if not ratelimit.consume(request, action="passkey"):
        return _email_page(
            request, SignInForm(), status=429, trouble=_("That was a lot of tries. Wait a minute, then try again.")
        )
    form = LoginWebAuthnForm(data=request.POST)
    passkeys.recall(request)
    is_right = passkeys.is_right(request, form, passkeys.SIGN_IN)
    passkeys.forget(request)
    if not is_right:
        return _email_page(
            request,
            SignInForm(),
            trouble=_("That passkey isn’t one we know here. Sign in with a code, then add it in Settings."),
        )
    authenticator = form.cleaned_data["credential"]
    if request.user.is_authenticated:  # as somebody else: their session ends, or it would take the proof along
        logout(request, show_message=False)
    sessions.note_clock(request)
    return perform_passwordless_login(
        request, authenticator, Login(user=authenticator.user, redirect_url=next_of(request) or None)
    )


@login_not_required
@act_of("account_login")
def sign_in_options(request: HttpRequest) -> HttpResponse:
    return passkeys.ask_stranger(request)


@login_not_required
@page_or_post
def sign_out(request: HttpRequest) -> HttpResponse:
    if request.method != "POST" and request.user.is_authenticated:
        return render(request, "account/logout.html")
    if request.method == "POST":
        unsent.forget(request, unsent.found(request))
        logout(request, show_message=False)
        messages.success(request, _("You’re signed out."))
    return redirect("/")


def factor_proof(request: HttpRequest, user: Any, code_form: type, passkey_form: type, purpose: str) -> Any:
    """The form for what was posted, a passkey's answer or a typed code. What is no proof is a FactorForm with a mistake."""
    if request.method != "POST":
        return FactorForm()
    if "credential" in request.POST:
        form = passkey_form(user=user, data=request.POST)
        return form if passkeys.is_right(request, form, purpose) else _refused(form)
    typed = FactorForm(request.POST)
    if not typed.is_valid():
        return typed
    lost, are_all = sealed_factors.closed(user)
    if are_all:
        typed.add_error("code", lost)
        return typed
    form = code_form(user=user, data=request.POST)
    if wrong_steps.attempt(request, user, lambda: _is_right_once(form, lost)) == wrong_steps.Outcome.WAIT:
        typed.add_error("code", _("Too many wrong codes were typed in a row. Wait ten minutes, or use a passkey."))
        return typed
    return form if form.is_valid() else _refused(form)


def _refused(proof: Any) -> FactorForm:
    """What was wrong, in the form that the page has: at the code, or above it when it was the passkey."""
    form = FactorForm({})
    form.fields["code"].required = False
    for name, words in proof.errors.items():
        form.add_error(name if name in form.fields else None, list(words))
    return form


def _is_right_once(form: Any, lost: str) -> bool:
    """`lost` says of which codes the portal can't tell whether they are right."""
    if form.is_valid():
        factor = form.authenticator
        if factor.type == Authenticator.Type.TOTP and not app_codes.is_first(factor, form.cleaned_data["code"]):
            form.add_error("code", _("That code was used already. Wait for the next one."))
    elif lost:
        form.add_error("code", lost)
    return form.is_valid()


def _where_one_stands(request: HttpRequest) -> str:
    """The page of somebody whose code is not asked for: it was right already, or none was sent."""
    return "mfa_authenticate" if LoginStageController.enter(request, SecondStepStage.key) else "account_login"


def _email_page(request: HttpRequest, form: SignInForm, status: int = 200, trouble: str = "") -> HttpResponse:
    context = {"form": form, "next": next_of(request), "trouble": trouble, "split": True}
    return _form_page(request, "account/login.html", context, form, to("account_login", request), status)


def _code_page(request: HttpRequest, pending: SignIn, form: SignInCodeForm, status: int = 200) -> HttpResponse:
    if pending.digits > codes.SHORT:
        form.fields["code"].widget.attrs["data-long"] = True
    context = {
        "form": form,
        "email": pending.email,
        "digits": pending.digits,
        "example": pending.example,
        "next": next_of(request),
        "split": True,
    }
    at = to("account_confirm_login_code", request)
    return _form_page(request, "account/confirm_login_code.html", context, form, at, status)


def _form_page(request: HttpRequest, template: str, context: dict, form: Form, at: str, status: int) -> HttpResponse:
    """With mistakes it is a page that reload shows again. Too many tries are no mistake of the form."""
    if status != 200:
        return render(request, template, context, status=status)
    return kept.page(request, template, context, form, at=at, status=status)
