"""Orders for other programs: /api/v1/orders/."""

from orders.api.views import router

urlpatterns = router.urls
