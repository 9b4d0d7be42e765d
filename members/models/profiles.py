"""Private contact data, and who may see it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from members.fields import Line, Words
from members.models.users import PERSON, User


class Profile(models.Model):
    """What a person tells about themselves. Hidden from other members until they say otherwise."""

    class Audience(models.TextChoices):
        STAFF = "staff", _("Staff only")
        COMMITTEES = "committees", _("My committees")
        MEMBERS = "members", _("All members")

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="profile")
    pronouns = Line(_("pronouns"), max_length=40, blank=True)
    bio = Words(_("about you"), blank=True, max_length=2000)
    phone = PhoneNumberField(_("mobile number"), blank=True, region="US")
    email_audience = models.CharField(_("who sees my email"), max_length=12, choices=Audience, default=Audience.STAFF)
    phone_audience = models.CharField(
        _("who sees my mobile number"), max_length=12, choices=Audience, default=Audience.STAFF
    )
    rsvp_audience = models.CharField(
        _("who sees which calls I’m going to"), max_length=12, choices=Audience, default=Audience.COMMITTEES
    )
    confirmed_at = models.DateTimeField(_("details confirmed"), null=True, blank=True)

    class Meta:
        triggers = [PERSON.kept_with("bio", by="id", key="user_id")]

    def __str__(self) -> str:
        return str(self.user)

    def shown_contact(self, shares_committee: bool) -> dict[str, Any]:
        """ "email" and "phone" (a PhoneNumber) as far as their owner shows them to members, on the same committee or not."""
        audiences = {self.Audience.MEMBERS, self.Audience.COMMITTEES} if shares_committee else {self.Audience.MEMBERS}
        contact = {"email": (self.user.email, self.email_audience), "phone": (self.phone, self.phone_audience)}
        return {name: value for name, (value, audience) in contact.items() if value and audience in audiences}


@receiver(post_save, sender=User)
def create_profile(sender: type[User], instance: User, created: bool, raw: bool = False, **kwargs: object) -> None:
    if created and not raw:
        Profile.objects.create(user=instance)
