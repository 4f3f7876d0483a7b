"""/products/ and their prices, /cases/: what the firm sells, and what shows that it works."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalogue import services
from catalogue.filters import CaseFilters, ProductFilters
from catalogue.models import Case, Price, Product
from catalogue.rules import Basis
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


class PriceIn(StrictSerializer):
    basis = fields.Choice(Basis, required=False)
    price = fields.Money(required=False)
    valid_from = fields.Day(required=False)
    valid_until = fields.Day(required=False, allow_null=True)
    list = fields.Text(required=False, max_length=60)


class PriceOut(serializers.Serializer):
    id = serializers.CharField()
    version = serializers.IntegerField()
    basis = serializers.ChoiceField(Basis.choices)
    price = MoneyOut()
    valid_from = serializers.DateField()
    valid_until = serializers.DateField(allow_null=True)
    list = serializers.CharField(allow_blank=True)


class CaseIn(StrictSerializer):
    kind = fields.Choice(Case.Kind, required=False)
    title = fields.Text(required=False, max_length=160)
    summary = fields.Text(required=False)
    url = fields.Text(required=False, max_length=500)
    product = fields.Reference(lambda user: Product.objects.all(), required=False, allow_null=True)
    industry = fields.Text(required=False, max_length=80)
    active = fields.Flag(required=False)


class CaseOut(serializers.Serializer):
    id = serializers.CharField()
    version = serializers.IntegerField()
    kind = serializers.ChoiceField(Case.Kind.choices)
    title = serializers.CharField()
    summary = serializers.CharField(allow_blank=True)
    url = serializers.CharField(allow_blank=True)
    product = serializers.CharField(allow_null=True)
    industry = serializers.CharField(allow_blank=True)
    active = serializers.BooleanField()
    created_at = serializers.DateTimeField()


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


def price_json(price: Price) -> dict[str, Any]:
    """Return a price as the API writes it."""
    return {
        "id": str(price.pk),
        "version": price.version,
        "basis": price.basis,
        "price": fields.money(price.price, price.product.currency),
        "valid_from": price.valid_from.isoformat(),
        "valid_until": price.valid_until.isoformat() if price.valid_until else None,
        "list": price.name,
    }


def case_json(case: Case) -> dict[str, Any]:
    """Return a case or video as the API writes it."""
    names = ("kind", "title", "summary", "url", "industry", "active", "created_at")
    return {
        "id": str(case.pk),
        "version": case.version,
        "product": str(case.product_id) if case.product_id else None,
        **{name: getattr(case, name) for name in names},
    }


class ProductViewSet(Listed, Retrieved, ApiViewSet):
    """Products and their list prices."""

    out = ProductOut
    filterset_class = ProductFilters
    ordering_fields = {"name": "name", "price": "price"}
    ordering = "name"
    paged_actions = frozenset({"list", "prices"})

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

    @extend_schema(methods=["GET"], responses={200: PriceOut(many=True)})
    @extend_schema(methods=["POST"], request=PriceIn, responses={201: PriceOut})
    @action(detail=True, methods=["get", "post"])
    def prices(self, request: Request, pk: Any) -> Response:
        """Its prices on each basis and list, the latest first; POST sets one from a day on (marketing, administrators).

        Of those that hold on a day the one that began last is the price; quotes that are written keep theirs (R9.5).
        """
        if request.method == "GET":
            rows = self.load(pk).prices.select_related("product")
            return self.page(rows, _prices, fields={"valid_from": "valid_from"}, ordering="-valid_from")
        data = self.body(PriceIn)
        made = services.save_price(
            None,
            by=request.user,
            product=self.touch(pk),
            basis=data.get("basis") or Basis.ONCE,
            amount=data.get("price"),
            valid_from=data.get("valid_from"),
            valid_until=data.get("valid_until"),
            name=data.get("list") or "",
        )
        return Response(price_json(made), status=201, headers={"ETag": f'"{made.version}"'})


class CaseViewSet(Listed, Retrieved, ApiViewSet):
    """Customer cases and videos, filed by product and industry (R8.6)."""

    out = CaseOut
    filterset_class = CaseFilters
    ordering_fields = {"created_at": "created_at", "title": "title"}

    def rows(self) -> QuerySet[Case]:
        return Case.objects.all()

    def many(self, records: list[Case]) -> list[dict[str, Any]]:
        return [case_json(case) for case in records]

    @extend_schema(request=CaseIn, responses={201: CaseOut})
    def create(self, request: Request) -> Response:
        """File a case or a video (marketing, administrators)."""
        said = {"title": "", **_said(self.body(CaseIn), "product")}
        return self.answer(services.save_case(None, by=request.user, **said), 201)

    @extend_schema(request=CaseIn)
    def partial_update(self, request: Request, pk: Any) -> Response:
        """Change what is filed, or put it away with `active: false`."""
        said = _said(self.body(CaseIn, partial=True), "product")
        case = self.touch(pk)
        return self.answer(self.guarded(case, lambda: services.save_case(case, by=request.user, **said)))


def _prices(rows: list[Price]) -> list[dict[str, Any]]:
    return [price_json(row) for row in rows]


def _said(data: dict[str, Any], *nullable: str) -> dict[str, Any]:
    return {key: "" if value is None and key not in nullable else value for key, value in data.items()}


router = Router()
router.register("products", ProductViewSet, basename="product")
router.register("cases", CaseViewSet, basename="case")
urlpatterns = router.urls
