from django.contrib.auth.views import LogoutView
from django.urls import path

from . import views

app_name = "organizations"
urlpatterns = [
    path("sign-in/", views.SignIn.as_view(), name="sign_in"),
    path("sign-out/", LogoutView.as_view(http_method_names=["post"]), name="sign_out"),
    path("register/", views.register, name="register"),
    path("claim/", views.claim, name="claim"),
    path("claims/", views.claims, name="claims"),
    path("claims/<uuid:public_id>/", views.decide, name="claim_decision"),
    path("claims/<uuid:public_id>/letter/", views.letter, name="claim_letter"),
    path("inbox/", views.inbox, name="inbox"),
    path("inbox/<uuid:public_id>/", views.message, name="message"),
]
