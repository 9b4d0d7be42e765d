from importlib import import_module

from django.apps import AppConfig

# What registers itself when it is imported: kinds of messages, planners and receivers of signals.
REGISTERING = ("committees.notices", "committees.leaderless", "committees.second_step", "committees.ending")


class CommitteesConfig(AppConfig):
    name = "committees"
    verbose_name = "Committees"

    def ready(self) -> None:
        for module in REGISTERING:
            import_module(module)
