from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.core.checks import Tags, register

from members.discovery import discover
from portal.checks import sealed_with_a_key_of_its_own


class PortalConfig(AppConfig):
    name = "portal"
    verbose_name = "Portal"

    def ready(self) -> None:
        discover(self, "messages", "staff.narrowings")
        register(sealed_with_a_key_of_its_own, Tags.security, deploy=True)


class AdministrationConfig(admin_apps.AdminConfig):
    default = False  # this file's own app is the one above
    default_site = "portal.administration.Administration"
