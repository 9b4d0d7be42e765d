from typing import Any

from django.core.management.base import BaseCommand, CommandError

from members.accounts.sealed_factors import seal_again


class Command(BaseCommand):
    help = "Seal the secrets of authenticator apps and recovery codes with the newest SECRETS_KEY. May run any number of times."

    def handle(self, *args: Any, **options: Any) -> None:
        ends = seal_again()
        self.stdout.write(f"{ends['sealed']} sealed with the newest key, {ends['already']} were already.")
        if ends["closed"]:
            self.stdout.write(
                f"{ends['closed']} can’t be opened with any key: give the old one in SECRETS_KEY_FALLBACKS and run this again."
                " Without it, an administrator removes their apps on the desk, or `manage.py enrollment_code` does."
            )
        if ends["failed"]:
            raise CommandError(f"{ends['failed']} failed; the log says why. All others are done.")
