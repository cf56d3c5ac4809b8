from django.contrib.auth.views import LogoutView
from django.urls import path

from .views import accounts, passwords, people

app_name = "organizations"
urlpatterns = [
    path("sign-in/", accounts.SignIn.as_view(), name="sign_in"),
    path("sign-out/", LogoutView.as_view(http_method_names=["post"]), name="sign_out"),
    path("register/", accounts.register, name="register"),
    path("claim/", accounts.claim, name="claim"),
    path("claim/person/", accounts.claim_person, name="claim_person"),
    path("claims/", accounts.claims, name="claims"),
    path("claims/<uuid:public_id>/", accounts.decide, name="claim_decision"),
    path("claims/<uuid:public_id>/letter/", accounts.letter, name="claim_letter"),
    path("claims/<uuid:public_id>/identity/", accounts.claim_identity, name="claim_identity"),
    path("inbox/", accounts.inbox, name="inbox"),
    path("inbox/<uuid:public_id>/", accounts.message, name="message"),
    path("me/", passwords.account, name="account"),
    path("password/<uuid:public_id>/<str:token>/", passwords.set_by_link, name="set_password"),
    path("units/", people.units, name="units"),
    path("units/new/", people.new_unit, name="new_unit"),
    path("units/<uuid:public_id>/", people.unit, name="unit"),
    path("units/<uuid:public_id>/people/<uuid:user_id>/end/", people.end_place, name="end_place"),
    path("people/", people.people, name="people"),
    path("people/new/", people.new_person, name="new_person"),
    path("people/<uuid:public_id>/", people.person, name="person"),
    path("people/<uuid:public_id>/password-link/", people.password_link, name="password_link"),
]
