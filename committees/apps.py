from django.apps import AppConfig

from members.discovery import discover


class CommitteesConfig(AppConfig):
    name = "committees"
    verbose_name = "Committees"

    def ready(self) -> None:
        discover(
            self,
            "scopes",
            "*.messages",
            "leaderless",
            "ending_terms",
            "second_step",
            "ending",
            "held",
            "findables",
            "narrowings",
            "joining.bulk_acts",
            "merging",
        )
