from importlib import import_module

from django.apps import AppConfig

# What registers itself when it is imported: kinds of messages, planners, readers of mail and receivers of signals.
REGISTERING = (
    "events.messages.notices",
    "events.messages.reminders",
    "events.messages.withdrawals",
    "events.messages.welcome",
    "events.inbound",
    "events.ending",
)


class EventsConfig(AppConfig):
    name = "events"
    verbose_name = "Events"

    def ready(self) -> None:
        for module in REGISTERING:
            import_module(module)
