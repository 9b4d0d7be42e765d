from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class MembersConfig(AppConfig):
    name = "members"
    verbose_name = "Members"

    def ready(self) -> None:
        """Every app's kinds of messages, planners and readers of mail register themselves, without an import that points upwards."""
        autodiscover_modules(
            "notices",
            "security_notices",
            "reminders",
            "withdrawals",
            "leaderless",
            "inbound",
            "webhooks",
            "welcome",
            "ending",
            "second_step",
        )
