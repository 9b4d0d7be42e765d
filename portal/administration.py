"""Django's admin, for repairs only: administrators whose session passed a second factor or a passkey."""

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

OWN = ("members", "committees", "events")


class Administration(AdminSite):
    site_header = site_title = _("Administration")
    index_title = _("Tables")
    enable_nav_sidebar = False

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Only our own tables. What libraries keep (tokens, secrets of second factors, sessions) is nobody's to see."""
        models: Any = [model_or_iterable] if isinstance(model_or_iterable, type) else model_or_iterable
        own = [model for model in models if model._meta.app_label in OWN]
        super().register(own, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        return request.user.is_authenticated and request.user.is_staff

    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """No form of its own: strangers sign in as everywhere, staff add the second step, others learn nothing."""
        following = request.GET.get("next", "")
        if not url_has_allowed_host_and_scheme(following, {request.get_host()}):
            following = f"/{self.name}/"
        if not request.user.is_authenticated:
            return redirect_to_login(following)
        if self.has_permission(request):
            return HttpResponseRedirect(following)
        if request.user.is_staff_member and not request.user.may_act_as_staff:
            return render(request, "members/second_step_needed.html", {"next": following}, status=403)
        raise Http404

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return redirect("account_logout")
