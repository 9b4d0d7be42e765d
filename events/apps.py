from django.apps import AppConfig

from members.discovery import discover


class EventsConfig(AppConfig):
    name = "events"
    verbose_name = "Events"

    def ready(self) -> None:
        discover(
            self, "messages.*", "*.messages", "*.readers", "ending", "held", "findables", "answers.merging", "shared"
        )
