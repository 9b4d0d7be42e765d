"""The reader of bounces and complaints that other mail servers send."""

from __future__ import annotations

from django.utils.translation import gettext as _

from members.mail.incoming import bounces, mime, reports
from members.mail.incoming.inbox import BOUNCES, Outcome, addressed_to, ignored, reader
from members.models import InboundMail


@reader(BOUNCES)
def read_report(mail: InboundMail, opened: mime.Mail) -> Outcome | None:
    """Act on a bounce or complaint. Without a proof that it is about a mail of ours it suppresses nothing: anybody
    could write it.
    """
    report = reports.read(opened)
    if report is None:
        return None
    delivery, proved = reports.delivery(opened, addressed_to(mail, opened))
    if delivery is None:
        return ignored(_("It reports about an email, and nothing in it proves that this email was ours."))
    return Outcome(bounces.take(report, delivery, mail.received_at, proved=proved), person=delivery.recipient)
