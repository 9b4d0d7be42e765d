"""What somebody may have said to a call."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Response(models.TextChoices):
    NEEDS_ACTION = "needs_action", _("No answer yet")
    ACCEPTED = "accepted", _("Going")
    TENTATIVE = "tentative", _("Maybe")
    DECLINED = "declined", _("Can’t")
    WAITING = "waiting", _("On the wait list")
