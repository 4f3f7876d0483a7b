"""/products/: what the firm sells."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalogue import services
from catalogue.filters import ProductFilters
from catalogue.models import Product
from core.api import fields
from core.api.routers import Router
from core.api.serializers import StrictSerializer
from core.api.shapes import MoneyOut
from core.api.views import ApiViewSet, Listed, Retrieved


class ProductIn(StrictSerializer):
    name = fields.Text(required=False, max_length=120)
    price = fields.Money(required=False)
    unit = fields.Text(required=False, max_length=40)
    active = fields.Flag(required=False)


class ProductOut(serializers.Serializer):
    id = serializers.CharField()
    version = serializers.IntegerField()
    name = serializers.CharField()
    price = MoneyOut()
    unit = serializers.CharField(allow_blank=True)
    active = serializers.BooleanField()


def product_json(product: Product) -> dict[str, Any]:
    """Return a product as the API writes it."""
    return {
        "id": str(product.pk),
        "version": product.version,
        "name": product.name,
        "price": fields.money(product.price, product.currency),
        "unit": product.unit,
        "active": product.active,
    }


class ProductViewSet(Listed, Retrieved, ApiViewSet):
    """Products and their list prices."""

    out = ProductOut
    filterset_class = ProductFilters
    ordering_fields = {"name": "name", "price": "price"}
    ordering = "name"

    def rows(self) -> QuerySet[Product]:
        return Product.objects.all()

    def many(self, records: list[Product]) -> list[dict[str, Any]]:
        return [product_json(product) for product in records]

    @extend_schema(request=ProductIn, responses={201: ProductOut})
    def create(self, request: Request) -> Response:
        """Put a product into the catalogue (marketing, administrators)."""
        said = _said(self.body(ProductIn))
        return self.answer(services.save_product(None, by=request.user, **said), 201)

    @extend_schema(request=ProductIn)
    def partial_update(self, request: Request, pk: Any) -> Response:
        """Change a product; what was agreed before keeps its price."""
        said = _said(self.body(ProductIn, partial=True))
        product = self.touch(pk)
        return self.answer(
            self.guarded(product, lambda: services.save_product(product, by=request.user, **said))
        )


def _said(data: dict[str, Any]) -> dict[str, Any]:
    return {key: "" if value is None else value for key, value in data.items()}


router = Router()
router.register("products", ProductViewSet, basename="product")
urlpatterns = router.urls
