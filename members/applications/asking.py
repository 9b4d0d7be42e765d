"""A question to somebody who applied, and its answer; members who are asked whether they know them.

The answer comes by mail or on the page of the link, and either way lands at the application.
"""

from __future__ import annotations

from django.db import transaction

from members.applications.messages import tell_question, tell_vouch
from members.models import Application, ApplicationQuestion, User, Voucher


@transaction.atomic
def ask(application: Application, by: User, words: str) -> ApplicationQuestion:
    """Ask the applicant, who gets one mail now and one in a week. Raises AlreadyDecided or AlreadyAsked."""
    question = ApplicationQuestion.ask(application, words, by)
    tell_question(question)
    return question


@transaction.atomic
def ask_member(application: Application, by: User, member: User) -> bool:
    """Ask a member whether they know the applicant; whether that is new. Raises AlreadyDecided or TooMany."""
    voucher, is_new = Voucher.ask(application, member, by)
    if is_new:
        tell_vouch(voucher)
    return is_new
