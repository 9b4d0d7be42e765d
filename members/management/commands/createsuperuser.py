from argparse import BooleanOptionalAction
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from members.models import Enrollment, User


class Command(BaseCommand):
    """Instead of Django's own, which asks for a password twice: nobody here has one."""

    help = "Make the first administrator. They sign in with a code that is mailed to them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email", help="where they sign in")
        parser.add_argument("--name", help="their full name")
        parser.add_argument("--input", action=BooleanOptionalAction, default=True, help="ask for what is not given")
        parser.add_argument("--noinput", action="store_false", dest="input", help="the same as --no-input")

    def handle(self, *args: Any, email: str | None, name: str | None, **options: Any) -> None:
        if not options["input"] and not (email and name):
            raise CommandError("Say --email and --name, or leave out --no-input.")
        email, name = email or input("Email: "), name or input("Full name: ")
        try:
            with transaction.atomic():
                person = User.objects.create_superuser(email, name)
                code = Enrollment.issue(person, None)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(
            f"{person.name} is an administrator. Sign in at {settings.SITE_URL} with {person.email}: a code comes by email."
            f" Then add a passkey or an app under Settings, Security, with this enrollment code within 7 days: {code}"
        )
