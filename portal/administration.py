"""Django's admin, for repairs only: administrators whose session passed a second factor or a passkey."""

from functools import update_wrapper
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _

from members.models import StaffAppointment
from members.sign_in.access import ask_for_proof, one_more_step
from members.sign_in.adapter import is_own_path

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

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        inner = super().admin_view(view, cacheable)

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not self.has_permission(request):
                return self.refuse(request, request.get_full_path())
            return ask_for_proof(request) or inner(request, *args, **kwargs)

        return update_wrapper(guarded, inner)

    def get_urls(self) -> list[Any]:
        urls = super().get_urls()
        for url in urls:
            view: Any = getattr(url, "callback", None)
            if hasattr(view, "login_url"):
                view.login_url = reverse_lazy("account_login")  # where LoginRequiredMiddleware sends strangers
        return urls

    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """There is no form here: one signs in as everywhere."""
        following = request.GET.get("next", "")
        if not is_own_path(following):
            following = reverse(f"{self.name}:index")
        return HttpResponseRedirect(following) if self.has_permission(request) else self.refuse(request, following)

    def refuse(self, request: HttpRequest, following: str) -> HttpResponse:
        """Strangers sign in, administrators add the second step, others learn nothing."""
        if not request.user.is_authenticated:
            return redirect_to_login(following)
        if (
            StaffAppointment.Role.ADMIN in request.user.roles
            and request.user.is_active
            and not request.user.may_act_as_staff
        ):
            return one_more_step(request)
        raise Http404

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return redirect("account_logout")
