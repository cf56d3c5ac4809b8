from django.urls import path

from . import views

urlpatterns = [path("travel/", views.travel_clock, name="rehearsal_travel")]
