"""Addresses below /settings/."""

from django.urls import URLPattern, URLResolver, path

from members.mail_desk.views import suppressions
from members.privacy import erasure_views as erasure
from members.privacy import my_data_views as my_data
from members.settings import security_views, unsubscribe_views
from members.settings import views as settings
from members.terms import views as terms

urlpatterns: list[URLPattern | URLResolver] = [
    path("", settings.settings, name="settings"),
    path("details/", settings.details, name="settings_details"),
    path("office/", terms.settings_office, name="settings_office"),
    path("office/add/", terms.settings_office_add, name="settings_office_add"),
    path("office/<int:pk>/right/", terms.settings_office_right, name="settings_office_right"),
    path("office/<int:pk>/correct/", terms.settings_office_correct, name="settings_office_correct"),
    path("office/<int:pk>/leave/", terms.settings_office_leave, name="settings_office_leave"),
    path("office/<int:pk>/other/", terms.settings_office_other, name="settings_office_other"),
    path("privacy/", settings.privacy, name="settings_privacy"),
    path("my-data/", my_data.settings_my_data, name="settings_my_data"),
    path("my-data/ask/", my_data.my_data_ask, name="my_data_ask"),
    path("my-data/file/", my_data.my_data_file, name="my_data_file"),
    path("my-data/erase/", erasure.my_data_erase, name="my_data_erase"),
    path("my-data/keep/", erasure.my_data_keep, name="my_data_keep"),
    path("email/works/", suppressions.email_works, name="settings_email_works"),
    path("mail-stopped/", unsubscribe_views.mail_stopped, name="mail_stopped"),
    path("security/", security_views.security, name="settings_security"),
    path("security/second-step/", security_views.second_step_always, name="second_step_always"),
    path("security/later/", security_views.later, name="second_step_later"),
    path("security/passkeys/add/", security_views.passkey_add, name="passkey_add"),
    path("security/passkeys/options/", security_views.passkey_add_options, name="passkey_add_options"),
    path("security/passkeys/<int:pk>/remove/", security_views.passkey_remove, name="passkey_remove"),
    path("security/app/", security_views.app_add, name="app_add"),
    path("security/app/remove/", security_views.app_remove, name="app_remove"),
    path("security/recovery-codes/", security_views.recovery_codes, name="recovery_codes"),
    path("security/recovery-codes/new/", security_views.recovery_codes_new, name="recovery_codes_new"),
    path("security/recovery-codes/file", security_views.recovery_codes_file, name="recovery_codes_file"),
    path("security/devices/<int:pk>/end/", security_views.device_end, name="device_end"),
    path("security/devices/end/", security_views.device_end_others, name="device_end_others"),
    path("security/tokens/add/", security_views.token_add, name="token_add"),
    path("security/tokens/<str:key>/revoke/", security_views.token_revoke, name="token_revoke"),
]
