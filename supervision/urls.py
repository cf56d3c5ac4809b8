from django.urls import path

from .views import allocation, archives, sharing

app_name = "supervision"
urlpatterns = [
    path("archives/", archives.archive_rounds, name="archive_rounds"),
    path("archives/<uuid:public_id>/", archives.archive, name="archive"),
    path("rounds/<uuid:public_id>/archives/", archives.archives, name="archives"),
    path("honours/", sharing.honours, name="honours"),
    path("honours/<uuid:public_id>/share/", sharing.share, name="share"),
    path("allocations/<uuid:round_id>/", allocation.allocation, name="allocation"),
    path("records/", sharing.records, name="records"),
    path("records/<uuid:public_id>/", sharing.record, name="record"),
    path("records/<uuid:public_id>/proof/", sharing.proof, name="proof"),
]
