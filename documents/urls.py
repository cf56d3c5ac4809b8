from django.urls import path

from . import views

app_name = "documents"
urlpatterns = [
    path("<uuid:public_id>.pdf", views.download, name="download"),
    path("<uuid:public_id>/sealed/", views.sealed, name="sealed"),
    path("<uuid:public_id>/official/", views.official, name="official"),
]
