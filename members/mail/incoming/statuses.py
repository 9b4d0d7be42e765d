"""What an answer of a mail server says about an address: that nobody is there, or something that passes or is ours.

    code (RFC 3463)                     means                                       the address
    5.1.1 5.1.3 5.1.6                   no such mailbox, no address, moved          is stopped
    5.1.10                              no such mailbox (Exchange), or null MX      is stopped; the words say which
    5.1.2 5.4.4                         no such domain                              is stopped
    5.2.1                               mailbox disabled                            is stopped, unless for its rate of mail
    5.1.0 5.2.0 5.3.0 5.4.1 5.5.0 5.5.1
    5.0.0, no code, x.y.100 and more    says too little                             is stopped if the words say so
    5.2.2                               mailbox full                                stays: people clean up
    5.1.7 5.1.8 5.7.x                   our address, policy, spam filters           stays: not the address's fault
    the other 5.x.x, every 4.x.x        size, routes, protocol, time                stays: it may pass

Exchange Online says 5.4.1 for nobody there, Outlook.com 5.5.0, Sendmail 5.0.0 or 5.3.0, and qmail no code or (#5.1.1). Details of
three digits are Microsoft's own (5.1.351, 5.4.310, 5.0.350): they wrap what the server behind said, often with its code.
"""

from __future__ import annotations

import re

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

NO_MAILBOX = _("the mailbox doesn’t exist.")
GONE = ("5.1.1", "5.1.3", "5.1.6", "5.1.10", "5.1.2", "5.4.4", "5.2.1")
VAGUE = ("5.1.0", "5.2.0", "5.3.0", "5.4.1", "5.5.0", "5.5.1", "5.0.0", "")

OWN = re.compile(r"5\.(?!2\.|7\.)\d{1,3}\.[1-9]\d\d")  # Microsoft's details, but for mailboxes and policy
CODE = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
REPLY_CODE = re.compile(r"(?<![\d.])([245])\d\d(?=[ -])")

NOBODY = (
    r"no such (user|address|recipient|mailbox|person|account)|(user|recipient|mailbox|address|account) (is )?(unknown|not found|doesn.t exist|does not exist)"
    r"|unknown (user|recipient|mailbox|address|local[ -]part)|recipientnotfound|recipnotfound|unknown recipient|recipient name is not recognized"
    r"|(user|mailbox|address|account|recipient)[^.;]{0,40} (doesn.t|does not) exist|no mailbox here by that name|not a (known|valid) (user|mailbox|recipient)"
    r"|invalid (recipient|mailbox)|recipient address rejected: access denied|(doesn.t|does not) have an? [^.;]{0,30}account|no (user|mailbox|account) (here )?by that name"
    r"|mailbox unavailable|unknown recipient|recipient(s)? not found|(address|alias|recipient) (is )?(invalid|not valid)|not found by smtp address lookup|mailbox (is )?(disabled|inactive)|account (is|has been) (disabled|closed|suspended)|unrouteable address|couldn.t find any host|domain (name )?(not found|does not exist|doesn.t exist)|host or domain name not found"
    r"|dns domain \S{1,100} does not exist|null ?mx|(doesn.t|does not) (accept|receive|take) (any )?(e-?mail|mail)"
)
# Of these, what is about all of a domain: nobody there takes mail.
DOMAIN = (
    r"null ?mx|\bdomain (name )?\S{0,100} ?(doesn.t|does not) (exist|accept|receive|take)|domain (name )?not found"
    r"|host or domain name not found|couldn.t find any host|no such domain|(doesn.t|does not) (accept|receive|take) (any )?(e-?mail|mail)"
)
NOT_ITS_FAULT = (
    r"spam|block(ed|list)|black ?list|policy|reputation|spf|dkim|dmarc|virus|quota|over ?quota|mailbox (is )?full|full mailbox|insufficient (system )?storage"
    r"|too (large|big|many|much)|at a rate|greylist|try again|temporar|timed out|relay(ing)? (denied|not permitted|access denied)|in the queue too long"
)
_nobody, _not_its_fault = re.compile(NOBODY, re.IGNORECASE), re.compile(NOT_ITS_FAULT, re.IGNORECASE)
_domain = re.compile(DOMAIN, re.IGNORECASE)


def code_in(text: str) -> str:
    """The first enhanced status code in a reply: 5.1.1, or ""."""
    found = CODE.search(text)
    return found[1] if found else ""


def is_gone(status: str, reply: str) -> bool:
    """Whether nobody can be reached at the address, from the `status` of a report and the server's `reply`.

    A code in the reply is the remote server's own and goes before a vague `status`.
    """
    code = _telling(status, reply)
    if code.startswith(("2.", "4.")) or (not code and _is_passing(reply)):
        return False
    if is_vague(code) or code == "5.2.1":
        return not blames_us(reply) and (code == "5.2.1" or bool(_nobody.search(reply)))
    return code in GONE


def blames_us(reply: str) -> bool:
    """Whether the reply is about something temporary, or about the mail instead of the address."""
    return bool(_not_its_fault.search(reply))


def words_for(status: str, reply: str) -> Promise:
    """The reason for the person, after "Emails to … came back:"."""
    code = _telling(status, reply)
    if _takes_no_mail(code, reply):
        return _("the part after the @ takes no email.")
    if code == "5.2.1":
        return _("the mailbox is disabled.")
    if is_gone(status, reply):
        return NO_MAILBOX
    if code.endswith(".2.2") or re.search(r"quota|mailbox (is )?full", reply, re.IGNORECASE):
        return _("the mailbox is full.")
    if code.startswith(("5.7.", "4.7.")) or re.search(r"spam|policy|block", reply, re.IGNORECASE):
        return _("the mail server refused it by its rules.")
    return _("the mail server could not deliver it.")


def is_vague(code: str) -> bool:
    """Whether the code alone says too little about the address."""
    return code in VAGUE or bool(OWN.fullmatch(code))


def _telling(status: str, reply: str) -> str:
    """The code that says most: that of the report, or of the reply, of several the first that is not vague."""
    found = CODE.findall(reply)
    if not is_vague(status) or not found:
        return status
    return next((code for code in found if not is_vague(code)), found[0])


def _takes_no_mail(code: str, reply: str) -> bool:
    """5.1.10 is a null MX (RFC 7505), and at Exchange a recipient that nobody knows; vague codes say neither."""
    if code in ("5.1.2", "5.4.4"):
        return True
    if code == "5.1.10":
        return not _nobody.search(reply) or bool(_domain.search(reply))
    return is_vague(code) and not blames_us(reply) and bool(_domain.search(reply))


def _is_passing(reply: str) -> bool:
    found = REPLY_CODE.search(reply)
    return bool(found and found[1] != "5")
