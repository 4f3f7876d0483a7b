"""SMS by Alibaba Cloud (Dysmsapi 2017-05-25) through its SDK."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from outreach.channels import sdk
from outreach.channels.base import (
    DeadAddress,
    Inbound,
    Incoming,
    Later,
    MayHaveLeft,
    NotSent,
    Outgoing,
    Plain,
    Receipt,
    Sent,
    Setting,
)
from outreach.channels.reading import TEXT, careful, china_time, rows_of, text_of
from outreach.channels.sms.text import CHINA, FREE_TEXT, approved, same_number

HOUR = 3600.0
DEAD = {"isv.MOBILE_NUMBER_ILLEGAL"}
# This number, or the account, has had enough for now.
ENOUGH = {"isv.BUSINESS_LIMIT_CONTROL", "isv.DAY_LIMIT_CONTROL", "isv.MONTH_LIMIT_CONTROL"}
# The account, its money or its key: nothing goes until somebody mends it.
OURS = {
    "isv.AMOUNT_NOT_ENOUGH",
    "isv.OUT_OF_SERVICE",
    "isv.ACCOUNT_NOT_EXISTS",
    "isv.ACCOUNT_ABNORMAL",
    "isv.PRODUCT_UN_SUBSCRIPT",
    "isv.PRODUCT_UNSUBSCRIBE",
    "isv.DENY_IP_RANGE",
    "isp.RAM_PERMISSION_DENY",
    "isp.SYSTEM_ERROR",
    "ServiceUnavailable",
    "SignatureDoesNotMatch",
    "IncompleteSignature",
    "InvalidTimeStamp.Expired",
    "Forbidden.RAM",
    "NoPermission",
}
OURS_BEGIN = ("InvalidAccessKeyId", "InvalidSecurityToken", "Forbidden.")
# What a carrier says of a number that is none.
NO_NUMBER = {"MK:0001", "MOBILE_NUMBER_ILLEGAL", "PHONE_NOT_EXIST"}


class SmsAliyun(Plain):
    """Sends approved templates under an approved signature. It knows no keys: what may have left is not sent again."""

    kind = "sms"
    code = "aliyun"
    label = _("Alibaba Cloud SMS")
    about = _("Approved templates under an approved signature.")
    reports = True
    needs = ("alibabacloud_dysmsapi20170525", "sms-aliyun")
    thanks = ("application/json", '{"code": 0, "msg": "OK"}')
    settings = (
        Setting("access_key_id", _("Access key"), most=80),
        Setting("access_key_secret", _("Secret of the key"), secret=True),
        Setting("sign_name", _("Signature"), help=_("As it was approved, without brackets.")),
        FREE_TEXT,
        Setting("template_name", _("Its variable"), required=False, default="text"),
        Setting("endpoint", _("Address"), required=False, default="https://dysmsapi.aliyuncs.com"),
    )

    def __init__(self, values: Mapping[str, str]) -> None:
        super().__init__(values)
        self._client: Any = None

    def send(self, message: Outgoing) -> Sent:
        """Hand one over. Raises NotSent, DeadAddress, Later, MayHaveLeft."""
        from alibabacloud_dysmsapi20170525.models import SendSmsRequest
        from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
        from darabonba.runtime import RuntimeOptions

        text = approved(message, self.values)
        asked = SendSmsRequest(
            phone_numbers=number_of(message.to),
            sign_name=self.values["sign_name"],
            template_code=text.code,
            template_param=json.dumps(dict(zip(text.names, text.values, strict=False)), ensure_ascii=False),
            out_id=message.key,
        )
        limits = RuntimeOptions(
            autoretry=False, connect_timeout=int(sdk.CONNECT * 1000), read_timeout=int(sdk.READ * 1000)
        )
        client = self._open()
        try:
            said = client.send_sms_with_options(asked, limits).body
        except AlibabaCloudException as error:
            raise meaning(
                str(error.code), str(error.message), error.status_code, error.retry_after
            ) from error
        except Exception as error:  # whatever the SDK makes of a broken line or of garbage
            raise sdk.broken(error) from error
        if said is None or not said.code:
            raise MayHaveLeft("Alibaba Cloud: ?")
        if said.code != "OK":
            raise meaning(said.code, said.message or "")
        return Sent(said.biz_id or "")

    def _open(self) -> Any:
        if self._client is None:
            from alibabacloud_dysmsapi20170525.client import Client
            from alibabacloud_tea_openapi.utils_models import Config

            scheme, _sep, host = sdk.reachable(self.values["endpoint"].rstrip("/")).partition("://")
            self._client = Client(
                Config(
                    access_key_id=self.values["access_key_id"],
                    access_key_secret=self.values["access_key_secret"],
                    endpoint=host,
                    protocol=scheme,
                )
            )
        return self._client

    @careful
    def receipts(self, request: Incoming) -> list[Receipt]:
        """SmsReport rows; nobody signs them, the hook's key must do. Raises NotOurs."""
        found = []
        for row in rows_of(request):
            if "success" not in row:
                continue
            arrived = row["success"] is True or str(row["success"]).casefold() == "true"
            code, said = text_of(row.get("err_code")), text_of(row.get("err_msg"))
            found.append(
                Receipt(
                    what="delivered" if arrived else "bounced",
                    provider_id=text_of(row.get("biz_id")),
                    key=text_of(row.get("out_id")),
                    at=china_time(row.get("report_time")),
                    why="" if arrived else f"{code} {said}".strip(),
                    dead=not arrived and (code in NO_NUMBER or "空号" in said),
                )
            )
        return found

    @careful
    def inbound(self, request: Incoming) -> list[Inbound]:
        """SmsUp rows. Raises NotOurs."""
        return [
            Inbound(
                sender=text_of(same_number(row["phone_number"]), 40),
                text=text_of(row["content"], TEXT),
                at=china_time(row.get("send_time")),
                id=text_of(row.get("sequence_id")),
            )
            for row in rows_of(request)
            if "content" in row and "success" not in row
        ]


def number_of(to: str) -> str:
    """As Alibaba Cloud wants it: without prefix in China, else without the plus."""
    return to.removeprefix(CHINA) if to.startswith(CHINA) else to.removeprefix("+")


def meaning(code: str, said: str, status: int | None = None, after: float | None = None) -> Exception:
    """What a code of Alibaba Cloud's means."""
    why = f"{code} {said}".strip()[:250]
    if code in DEAD:
        return DeadAddress(why)
    if code in ENOUGH:
        return Later(why, after=after or HOUR)
    if code.startswith("Throttling"):
        return Later(why, after=after or 60.0)
    if code in OURS or code.startswith(OURS_BEGIN):
        return Later(why, down=True)
    if status == 503:
        return Later(why, down=True, after=after)
    if status is not None and status >= 500:
        return MayHaveLeft(why)
    return NotSent(why)
