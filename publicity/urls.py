from django.urls import path

from .views import amending, cities, comments, publishing, site, timetable

app_name = "publicity"
urlpatterns = [
    path("cities/", cities.cities, name="cities"),
    path("cities/<slug:scheme>/", cities.city, name="city"),
    path("calls/", site.calls, name="calls"),
    path("calls/<uuid:public_id>/", site.call, name="call"),
    path("notices/", site.notices, name="notices"),
    path("notices/<uuid:public_id>/", site.notice, name="notice"),
    path("notices/<uuid:public_id>/comment/", comments.comment, name="comment"),
    path("publicity/comments/", comments.comment_rounds, name="comment_rounds"),
    path("publicity/comments/<uuid:public_id>/", comments.comments, name="comments"),
    path("notices/<uuid:public_id>/extend/", amending.extend, name="extend"),
    path("notices/<uuid:public_id>/correct/", amending.correct, name="correct"),
    path("notices/<uuid:public_id>/change/", amending.change_list, name="change_list"),
    path("register/", site.register, name="register"),
    path("certificates/", site.certificate_check, name="certificate_check"),
    path("certificates/<str:number>/", site.certificate, name="certificate"),
    path("evidence/", site.evidence_digests, name="evidence_digests"),
    path("about/", site.about, name="about"),
    path("how-to-object/", site.how_to_object, name="how_to_object"),
    path("publicity/", publishing.desk, name="open_publicity"),
    # the last step of preparing a round: it stands under the desk the officer comes from
    path("awards/rounds/<uuid:public_id>/call/", publishing.publish, name="publish_call"),
    path("awards/rounds/<uuid:public_id>/timetable/", timetable.timetable, name="timetable"),
    path("awards/rounds/<uuid:public_id>/extend/", amending.extend_applications, name="extend_applications"),
    path("publicity/<uuid:public_id>/<slug:kind>/<uuid:unit>/", publishing.open_list, name="open_list"),
]
