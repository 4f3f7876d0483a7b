"""SMS by Tencent Cloud (2021-01-11) through its SDK."""

from __future__ import annotations

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
from outreach.channels.reading import TEXT, careful, china_time, rows_of, text_of, unix_time
from outreach.channels.sms.text import FREE_TEXT, approved

NETWORK = {"ClientNetworkError", "ServerNetworkError"}
DEAD = {"InvalidParameterValue.IncorrectPhoneNumber", "FailedOperation.PhoneNumberParseFail"}
THIRTY_SECONDS = "LimitExceeded.PhoneNumberThirtySecondLimit"
TOO_FAST = {"LimitExceeded.DeliveryFrequencyLimit", "LimitExceeded.GlobalSmsSendingRateLimit"}
OURS = {
    "FailedOperation.InsufficientBalanceInSmsPackage",
    "UnauthorizedOperation.ServiceSuspendDueToArrears",
    "UnauthorizedOperation.SdkAppIdIsDisabled",
    "UnauthorizedOperation.SmsSdkAppIdVerifyFail",
    "UnauthorizedOperation.RequestIpNotInWhitelist",
    "UnauthorizedOperation.RequestPermissionDeny",
    "InvalidParameterValue.SdkAppIdNotExist",
    "InternalError.SigVerificationFail",
    "InternalError.SigFieldMissing",
    "InternalError.RestApiInterfaceNotExist",
    "ResourceUnavailable",
}
# Nobody knows what became of it.
UNKNOWN = {
    "InternalError",
    "InternalError.Timeout",
    "InternalError.SendAndRecvFail",
    "InternalError.RequestTimeException",
    "InternalError.OtherError",
    "InternalError.UnknownError",
    "InternalError.ParseBackendResponseFail",
}
NO_NUMBER = {"MK:0001", "UNKNOWN_NUMBER", "空号"}


class SmsTencent(Plain):
    """Sends approved templates under an approved signature. It knows no keys: what may have left is not sent again."""

    kind = "sms"
    code = "tencent"
    label = _("Tencent Cloud SMS")
    about = _("Approved templates under an approved signature.")
    reports = True
    needs = ("tencentcloud.sms", "sms-tencent")
    thanks = ("application/json", '{"result": 0, "errmsg": "OK"}')
    settings = (
        Setting("secret_id", _("Secret id"), most=80),
        Setting("secret_key", _("Secret key"), secret=True),
        Setting("app_id", _("Application (SdkAppId)")),
        Setting("sign_name", _("Signature"), help=_("As it was approved, without brackets.")),
        FREE_TEXT,
        Setting("region", _("Region"), required=False, default="ap-guangzhou"),
        Setting("endpoint", _("Address"), required=False, default="https://sms.tencentcloudapi.com"),
    )

    def __init__(self, values: Mapping[str, str]) -> None:
        super().__init__(values)
        self._client: Any = None

    def send(self, message: Outgoing) -> Sent:
        """Hand one over. Raises NotSent, DeadAddress, Later, MayHaveLeft."""
        from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
        from tencentcloud.sms.v20210111.models import SendSmsRequest

        text = approved(message, self.values)
        asked = SendSmsRequest()
        asked.SmsSdkAppId = self.values["app_id"]
        asked.SignName = self.values["sign_name"]
        asked.TemplateId = text.code
        asked.TemplateParamSet = text.values
        asked.PhoneNumberSet = [message.to]
        asked.SessionContext = message.key
        client = self._open()
        try:
            answer = client.SendSms(asked)
            said = answer.SendStatusSet[0]
            code, why, number = str(said.Code), str(said.Message or ""), said.SerialNo or ""
        except TencentCloudSDKException as error:
            # Without the number of a request it is the SDK that stumbled: over the line, or over what it got.
            if error.code in NETWORK or not error.requestId:
                raise sdk.broken(error) from error
            raise meaning(str(error.code), str(error.message)) from error
        except Exception as error:  # an answer that the SDK cannot read
            raise sdk.broken(error) from error
        if code != "Ok":
            raise meaning(code, why)
        return Sent(number)

    def _open(self) -> Any:
        if self._client is None:
            from tencentcloud.common.credential import Credential
            from tencentcloud.common.profile.client_profile import ClientProfile
            from tencentcloud.common.profile.http_profile import HttpProfile
            from tencentcloud.sms.v20210111.sms_client import SmsClient

            scheme, _sep, host = sdk.reachable(self.values["endpoint"].rstrip("/")).partition("://")
            line = HttpProfile(protocol=scheme, endpoint=host, reqTimeout=(sdk.CONNECT, sdk.READ))
            self._client = SmsClient(
                Credential(self.values["secret_id"], self.values["secret_key"]),
                self.values["region"],
                ClientProfile(httpProfile=line),
            )
        return self._client

    @careful
    def receipts(self, request: Incoming) -> list[Receipt]:
        """Rows with a `report_status`; nobody signs them, the hook's key must do. Raises NotOurs."""
        found = []
        for row in rows_of(request):
            if "report_status" not in row:
                continue
            arrived = row["report_status"] == "SUCCESS"
            code, said = text_of(row.get("errmsg")), text_of(row.get("description"))
            found.append(
                Receipt(
                    what="delivered" if arrived else "bounced",
                    provider_id=text_of(row.get("sid")),
                    key=text_of(row.get("ext")),
                    at=china_time(row.get("user_receive_time")),
                    why="" if arrived else f"{code} {said}".strip(),
                    dead=not arrived and (code in NO_NUMBER or "空号" in said),
                )
            )
        return found

    @careful
    def inbound(self, request: Incoming) -> list[Inbound]:
        """What people texted back. Raises NotOurs."""
        found = []
        for row in rows_of(request):
            if "text" not in row or "report_status" in row:
                continue
            sender = f"+{text_of(row['nationcode'], 4)}{text_of(row['mobile'], 20)}"
            at = unix_time(row.get("time"))
            # It has no id of its own: the same text of the same second is the same one.
            known = f"{sender} {row.get('time')}"
            found.append(Inbound(sender=sender, text=text_of(row["text"], TEXT), at=at, id=text_of(known)))
        return found


def meaning(code: str, said: str) -> Exception:
    """What a code of Tencent Cloud's means."""
    why = f"{code} {said}".strip()[:250]
    if code in DEAD:
        return DeadAddress(why)
    if code == THIRTY_SECONDS:
        return Later(why, after=30.0)
    if code in TOO_FAST or code.startswith("RequestLimitExceeded"):
        return Later(why, after=60.0)
    if code.startswith("LimitExceeded."):  # by the hour or the day
        return Later(why, after=3600.0)
    if code in OURS or code.startswith("AuthFailure"):
        return Later(why, down=True)
    if code in UNKNOWN:
        return MayHaveLeft(why)
    return NotSent(why)
