from django.urls import path

from . import allocation_views, archive_views, views

app_name = "supervision"
urlpatterns = [
    path("archives/", archive_views.archive_rounds, name="archive_rounds"),
    path("archives/<uuid:public_id>/", archive_views.archive, name="archive"),
    path("rounds/<uuid:public_id>/archives/", archive_views.archives, name="archives"),
    path("honours/", views.honours, name="honours"),
    path("honours/<uuid:public_id>/share/", views.share, name="share"),
    path("allocations/<uuid:round_id>/", allocation_views.allocation, name="allocation"),
    path("records/", views.records, name="records"),
    path("records/<uuid:public_id>/", views.record, name="record"),
    path("records/<uuid:public_id>/proof/", views.proof, name="proof"),
]
