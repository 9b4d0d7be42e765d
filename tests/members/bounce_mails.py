"""What other mail servers send back, in the shapes in which they do. `{tag}` is where it came to, `{id}` our Message-ID."""

ORIGINAL = """\
Return-Path: <{tag}>
From: Economic Justice at Local Progress <calls@portal.example>
To: mo@portal.example
Subject: Fair workweek
Message-ID: {id}

See you there.
"""


def report(
    *fields: str, kind: str = "delivery-status", original: str = "text/rfc822-headers", prose: str = "Sorry."
) -> str:
    """A multipart/report as RFC 6522 has it; `fields` are the group of the recipient."""
    return "\n".join(
        [
            "Return-Path: <>",
            "From: MAILER-DAEMON@mx.city.example (Mail Delivery System)",
            "To: {tag}",
            "Subject: Undelivered Mail Returned to Sender",
            "Message-ID: <report-1@mx.city.example>",
            "Auto-Submitted: auto-replied",
            "MIME-Version: 1.0",
            f'Content-Type: multipart/report; report-type={kind}; boundary="b1"',
            "",
            "--b1",
            "Content-Type: text/plain; charset=us-ascii",
            "",
            prose,
            "",
            "--b1",
            f"Content-Type: message/{'feedback-report' if kind == 'feedback-report' else kind}",
            "",
            *(["Reporting-MTA: dns; mx.city.example", "", *fields] if kind == "delivery-status" else fields),
            "",
            "--b1",
            f"Content-Type: {original}",
            "",
            ORIGINAL,
            "--b1--",
            "",
        ]
    )


def failed(status: str, diagnostic: str, *, action: str = "failed", to: str = "mo@portal.example") -> str:
    return report(
        f"Final-Recipient: rfc822; {to}",
        f"Action: {action}",
        f"Status: {status}",
        f"Diagnostic-Code: smtp; {diagnostic}",
    )


HEADERS = "Return-Path: <>\nFrom: MAILER-DAEMON@mx.city.example\nTo: {tag}\nSubject: failure notice\nMessage-ID: <prose-1@mx.city.example>\n"

QMAIL = (
    HEADERS
    + """
Hi. This is the qmail-send program at mx.city.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<mo@portal.example>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

"""
    + ORIGINAL
)

QMAIL_LATE = QMAIL.replace(
    "Sorry, no mailbox here by that name. (#5.1.1)",
    "Sorry, I wasn't able to establish an SMTP connection. (#4.4.1)\nI'm not going to try again; this message has been in the queue too long.",
)

EXIM = (
    HEADERS.replace("failure notice", "Mail delivery failed: returning message to sender")
    + """X-Failed-Recipients: mo@portal.example
Auto-Submitted: auto-replied

This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  mo@portal.example
    host mx.city.example [192.0.2.20]
    SMTP error from remote mail server after RCPT TO:<mo@portal.example>:
    550 No such user here

------ This is a copy of the message, including all the headers. ------

"""
    + ORIGINAL
)

EXIM_WARNING = EXIM.replace("This is a permanent error.", "This is a warning message only. It has been delayed.")

OLD_EXCHANGE = (
    HEADERS.replace("failure notice", "Undeliverable: Fair workweek")
    + """MIME-Version: 1.0
X-MS-Embedded-Report:
Content-Type: multipart/mixed; boundary="b1"

--b1
Content-Type: text/plain; charset="iso-8859-1"

Your message

  To:      mo@portal.example
  Subject: Fair workweek

did not reach the following recipient(s):

mo@portal.example on Thu, 9 May 2026 23:34:45 +0900
    The recipient name is not recognized
    MSEXCH:IMS:CITY:MX:HALL 0 (000C05A6) Unknown Recipient

--b1
Content-Type: message/rfc822

"""
    + ORIGINAL
    + "\n--b1--\n"
)

GMAIL = report(
    "Final-Recipient: rfc822; mo@portal.example",
    "Action: failed",
    "Status: 5.1.1",
    "Remote-MTA: dns; gmail-smtp-in.l.google.com. (192.0.2.27, the server for the domain.)",
    "Diagnostic-Code: smtp; 550-5.1.1 The email account that you tried to reach does not exist. Please try\n"
    " 550-5.1.1 double-checking the recipient's email address for typos or\n 550 5.1.1 unnecessary spaces. - gsmtp",
    original="message/rfc822",
    prose="** Address not found **",
)

EXCHANGE_ONLINE = report(
    "Final-Recipient: rfc822;mo@portal.example",
    "Action: failed",
    "Status: 5.1.10",
    "Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient mo@portal.example not found by SMTP address lookup",
    original="message/rfc822",
    prose="Delivery has failed to these recipients or groups:",
)

POSTFIX = report(
    "Final-Recipient: rfc822; mo@portal.example",
    "Original-Recipient: rfc822;mo@portal.example",
    "Action: failed",
    "Status: 5.1.1",
    "Remote-MTA: dns; mx.city.example",
    "Diagnostic-Code: smtp; 550 5.1.1 <mo@portal.example>: Recipient address rejected: User unknown in virtual mailbox table",
    prose="This is the mail system at host relay.example.",
)

ARF = report(
    "Feedback-Type: abuse",
    "User-Agent: SomeGenerator/1.0",
    "Version: 1",
    "Original-Mail-From: <{tag}>",
    kind="feedback-report",
    original="message/rfc822",
    prose="This is an email abuse report.",
)

OUTLOOK_COMPLAINT = (
    HEADERS.replace("failure notice", "complaint about message from 192.0.2.222")
    + 'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="b1"\n\n--b1\nContent-Type: message/rfc822\n\nX-HmXmrOriginalRecipient: mo@portal.example\n'
    + ORIGINAL
    + "\n--b1--\n"
)

VACATION = (
    HEADERS.replace("failure notice", "I am away")
    + "Auto-Submitted: auto-replied\n\nThis mailbox is disabled until Monday.\n"
)
