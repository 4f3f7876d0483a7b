"""Addresses of the pages of orders."""

from django.urls import path

from orders import actions, bank_views, customer_views, money_actions, views

app_name = "orders"
urlpatterns = [
    path("customers/", customer_views.listed, name="customers"),
    path("customers/next/", customer_views.chances, name="chances"),
    path("customers/<uuid:pk>", customer_views.customer, name="customer"),
    path("customers/<uuid:pk>/", customer_views.customer),
    path("orders/", views.orders, name="list"),
    path("orders/receipts/", bank_views.index, name="receipts"),
    path("orders/receipts/<uuid:pk>/", bank_views.one, name="receipt_list"),
    path("orders/receipts/<uuid:pk>/book/", bank_views.book, name="book_receipts"),
    path("orders/<uuid:pk>", views.order, name="order"),
    path("orders/<uuid:pk>/", views.order),
    path("orders/<uuid:pk>/do/<slug:name>/", views.panel, name="panel"),
    path("orders/<uuid:pk>/edit/", actions.edit, name="edit"),
    path("orders/<uuid:pk>/sign/", actions.sign, name="sign"),
    path("orders/<uuid:pk>/submit/", actions.submit, name="submit"),
    path("orders/<uuid:pk>/approve/", actions.approve, name="approve"),
    path("orders/<uuid:pk>/reject/", actions.reject, name="reject"),
    path("orders/<uuid:pk>/terminate/", actions.terminate, name="terminate"),
    path("orders/<uuid:pk>/schedule/", money_actions.schedule, name="schedule"),
    path("orders/<uuid:pk>/pay/", money_actions.pay, name="pay"),
    path("orders/<uuid:pk>/refund/", money_actions.refund, name="refund"),
    path("orders/<uuid:pk>/papers/", money_actions.upload, name="upload"),
    path("orders/<uuid:pk>/papers/<uuid:document>/", money_actions.download, name="download"),
    path("orders/<uuid:pk>/papers/<uuid:document>/remove/", money_actions.remove, name="remove"),
    path("orders/<uuid:pk>/cancel/", actions.cancel, name="cancel"),
    path("orders/<uuid:pk>/chance/", actions.chance, name="chance"),
    path("quotes/<uuid:pk>/accept/", actions.accept, name="accept"),
    path("opportunities/<uuid:pk>/contract/", views.contract, name="contract"),
    path("opportunities/<uuid:pk>/contract/new/", actions.draft, name="draft"),
]
