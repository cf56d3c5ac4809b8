from django.urls import path

from . import views

app_name = "supervision"
urlpatterns = [
    path("honours/", views.honours, name="honours"),
    path("honours/<uuid:public_id>/share/", views.share, name="share"),
    path("records/", views.records, name="records"),
    path("records/<uuid:public_id>/", views.record, name="record"),
    path("records/<uuid:public_id>/proof/", views.proof, name="proof"),
]
