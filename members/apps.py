from importlib import import_module

from django.apps import AppConfig

# What registers itself when it is imported: kinds of messages, planners, readers of mail and receivers of signals.
REGISTERING = (
    "members.accounts.notices",
    "members.accounts.security_notices",
    "members.accounts.ending",
    "members.mail.incoming.readers",
    "members.mail.incoming.webhooks",
)


class MembersConfig(AppConfig):
    name = "members"
    verbose_name = "Members"

    def ready(self) -> None:
        for module in REGISTERING:
            import_module(module)
