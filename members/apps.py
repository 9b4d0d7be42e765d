from django.apps import AppConfig

from members.discovery import discover


class MembersConfig(AppConfig):
    name = "members"
    verbose_name = "Members"

    def ready(self) -> None:
        discover(
            self,
            "*.messages",
            "*.readers",
            "*.webhooks",
            "*.ending",
            "*.held",
            "privacy.my_data",
            "findables.people",
            "roster.segments.of_people",
            "roster.bulk_acts.usual",
            "roster.merging.of_people",
        )
