"""Every address of the portal; each room names its own."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from award_portal import views
from publicity.views.cities import home

urlpatterns = [
    path("", home, name="home"),
    path("large-text/", views.large_text, name="large_text"),
    path("styleguide/", views.styleguide, name="styleguide"),
    path("accounts/", include("organizations.urls")),
    path("documents/", include("documents.urls")),
    path("awards/", include("awards.urls")),
    path("applications/", include("applications.urls")),
    path("reviews/", include("reviews.urls")),
    path("objections/", include("objections.urls")),
    path("supervision/", include("supervision.urls")),
    path("", include("publicity.urls")),
    path("admin/", admin.site.urls),
]

if settings.REHEARSAL:
    urlpatterns.insert(0, path("rehearsal/", include("award_portal.rehearsal.urls")))
