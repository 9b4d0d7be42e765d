from importlib import import_module

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.core.checks import Tags, register

from portal.checks import sealed_with_a_key_of_its_own


class PortalConfig(AppConfig):
    name = "portal"
    verbose_name = "Portal"

    def ready(self) -> None:
        import_module("portal.notices")  # the digest registers itself
        register(sealed_with_a_key_of_its_own, Tags.security, deploy=True)


class AdministrationConfig(admin_apps.AdminConfig):
    default = False  # this file's own app is the one above
    default_site = "portal.administration.Administration"
