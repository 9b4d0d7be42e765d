from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from members.accounts import enrollment
from members.models import User


class Command(BaseCommand):
    """The way back when no administrator gets in: whoever runs the server vouches for the person."""

    help = "Forget somebody’s lost passkeys and app, sign them out, and print a code with which they add another."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", help="where the person signs in")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        person = User.objects.who_sign_in_at(email)
        if person is None:
            raise CommandError("Nobody with an open account signs in there.")
        code = enrollment.forget_factors(person, None)
        if not code:
            raise CommandError(f"{person.name} has no staff role and needs no code. What was lost is forgotten.")
        self.stdout.write(f"Enrollment code of {person.name}, for 7 days: {code}")
