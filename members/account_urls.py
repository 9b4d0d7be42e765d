"""Addresses of signing in, below /account/. Nothing of allauth's own is reachable: no passwords, no sign-up."""

from django.urls import URLPattern, URLResolver, path

from members.settings import security_views
from members.sign_in import unsent_views
from members.sign_in import views as sign_in

urlpatterns: list[URLPattern | URLResolver] = [
    path("login/", sign_in.sign_in, name="account_login"),
    path("login/code/", sign_in.code, name="account_confirm_login_code"),
    path("login/code/again/", sign_in.code_again, name="account_code_again"),
    path("login/second-step/", sign_in.second_step, name="mfa_authenticate"),
    path("login/second-step/options/", sign_in.second_step_options, name="mfa_authenticate_options"),
    path("login/passkey/", sign_in.passkey, name="account_passkey"),
    path("login/passkey/options/", sign_in.sign_in_options, name="account_passkey_options"),
    path("logout/", sign_in.sign_out, name="account_logout"),
    path("standing/", unsent_views.standing, name="account_standing"),
    path("unsent/forget/", unsent_views.forget, name="account_unsent_forget"),
    path("confirm/", security_views.reauthenticate, name="account_reauthenticate"),
    path("confirm/code/", security_views.reauthenticate_code, name="reauthenticate_code"),
    path("confirm/options/", security_views.reauthenticate_options, name="reauthenticate_options"),
]
