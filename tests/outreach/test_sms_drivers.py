"""R11.1, R11.5: the providers' own SDKs against stubs that speak their protocol: taken, refused, throttled, hanging."""

from __future__ import annotations

import json
from typing import Any

import pytest
from twilio.request_validator import RequestValidator

from outreach.channels.base import (
    DeadAddress,
    Incoming,
    Later,
    MayHaveLeft,
    NotOurs,
    NotSent,
    Outgoing,
    Sent,
)
from outreach.channels.sms.aliyun import SmsAliyun
from outreach.channels.sms.tencent import SmsTencent
from outreach.channels.sms.twilio import SmsTwilio
from tests.outreach.stubs import DROP, HANG, Stub, closed_port

TO = "+8613800000001"
HOOK = "https://crm.example.com/hooks/one/key/"
APPROVED = {"code": "SMS_1", "names": ["name", "firm"], "values": ["Li Lei", "Trunk"]}
MESSAGE = Outgoing(key="k-1", to=TO, text="Hello Li Lei", params=APPROVED)
KINDS = ("aliyun", "tencent", "twilio")


def aliyun(url: str, **more: str) -> SmsAliyun:
    return SmsAliyun(
        {"access_key_id": "AK", "access_key_secret": "s3cret", "sign_name": "Trunk", "endpoint": url, **more}
    )


def tencent(url: str, **more: str) -> SmsTencent:
    return SmsTencent(
        {
            "secret_id": "SI",
            "secret_key": "s3cret",
            "app_id": "14",
            "sign_name": "Trunk",
            "endpoint": url,
            **more,
        }
    )


def twilio(url: str, **more: str) -> SmsTwilio:
    return SmsTwilio(
        {
            "account_sid": "AC1",
            "auth_token": "s3cret",
            "sender": "+15550001",
            "endpoint": url,
            "hook": HOOK,
            **more,
        }
    )


MAKE = {"aliyun": aliyun, "tencent": tencent, "twilio": twilio}


def said_by(kind: str, code: Any, *, status: int | None = None) -> Any:
    """How a provider says a code in its own protocol."""
    if kind == "aliyun":
        body = {"Code": code, "Message": "so it is", "RequestId": "R", "BizId": "biz^1"}
        return (status or 200, body)
    if kind == "tencent":
        if status is not None:
            return (200, {"Response": {"Error": {"Code": code, "Message": "so it is"}, "RequestId": "R"}})
        row = {
            "SerialNo": "ser:1",
            "PhoneNumber": TO,
            "Fee": 1,
            "SessionContext": "k-1",
            "Code": code,
            "Message": "m",
        }
        return (200, {"Response": {"SendStatusSet": [row], "RequestId": "R"}})
    if code == "OK":
        return (201, {"sid": "SM1", "status": "queued"})
    return (status or 400, {"code": code, "message": "so it is", "status": status or 400})


OK = {"aliyun": "OK", "tencent": "Ok", "twilio": "OK"}
IDS = {"aliyun": "biz^1", "tencent": "ser:1", "twilio": "SM1"}


@pytest.mark.parametrize("kind", KINDS)
def test_R11_1_a_provider_takes_an_sms(stub: Stub, kind: str) -> None:
    stub.say(said_by(kind, OK[kind]))
    assert MAKE[kind](stub.url).send(MESSAGE) == Sent(IDS[kind])
    assert len(stub.asked) == 1
    if kind == "aliyun":
        form = stub.form() or {}
        asked = {**form, **_query(stub)}
        assert asked["PhoneNumbers"] == "13800000001" and asked["SignName"] == "Trunk"
        assert asked["TemplateCode"] == "SMS_1" and asked["OutId"] == "k-1"
        assert json.loads(asked["TemplateParam"]) == {"name": "Li Lei", "firm": "Trunk"}
    elif kind == "tencent":
        asked = stub.json()
        assert asked["PhoneNumberSet"] == [TO] and asked["SmsSdkAppId"] == "14"
        assert asked["TemplateId"] == "SMS_1" and asked["TemplateParamSet"] == ["Li Lei", "Trunk"]
        assert asked["SessionContext"] == "k-1"
    else:
        asked = stub.form()
        assert asked["To"] == TO and asked["Body"] == "Hello Li Lei" and asked["From"] == "+15550001"
        assert asked["StatusCallback"] == HOOK
    assert b"s3cret" not in stub.asked[0]["body"], "the secret signs and does not travel"


def _query(stub: Stub) -> dict[str, str]:
    from urllib.parse import parse_qsl

    return dict(parse_qsl(stub.asked[-1]["path"].partition("?")[2]))


REFUSED: list[tuple[str, Any, int | None, type[Exception], bool]] = [
    ("aliyun", "isv.MOBILE_NUMBER_ILLEGAL", None, DeadAddress, False),
    ("aliyun", "isv.BUSINESS_LIMIT_CONTROL", None, Later, False),
    ("aliyun", "isv.DAY_LIMIT_CONTROL", None, Later, False),
    ("aliyun", "Throttling.User", 400, Later, False),
    ("aliyun", "isv.AMOUNT_NOT_ENOUGH", None, Later, True),
    ("aliyun", "isv.OUT_OF_SERVICE", None, Later, True),
    ("aliyun", "isp.RAM_PERMISSION_DENY", None, Later, True),
    ("aliyun", "SignatureDoesNotMatch", 400, Later, True),
    ("aliyun", "InvalidAccessKeyId.NotFound", 404, Later, True),
    ("aliyun", "ServiceUnavailable", 503, Later, True),
    ("aliyun", "isv.SMS_TEMPLATE_ILLEGAL", None, NotSent, False),
    ("aliyun", "isv.BLACK_KEY_CONTROL_LIMIT", None, NotSent, False),
    ("aliyun", "isv.SOMETHING_NEW", None, NotSent, False),
    ("aliyun", "InternalError", 500, MayHaveLeft, False),
    ("tencent", "InvalidParameterValue.IncorrectPhoneNumber", None, DeadAddress, False),
    ("tencent", "LimitExceeded.PhoneNumberThirtySecondLimit", None, Later, False),
    ("tencent", "LimitExceeded.PhoneNumberDailyLimit", None, Later, False),
    ("tencent", "RequestLimitExceeded", 200, Later, False),
    ("tencent", "FailedOperation.InsufficientBalanceInSmsPackage", None, Later, True),
    ("tencent", "UnauthorizedOperation.ServiceSuspendDueToArrears", 200, Later, True),
    ("tencent", "AuthFailure.SignatureFailure", 200, Later, True),
    ("tencent", "AuthFailure.SecretIdNotFound", 200, Later, True),
    ("tencent", "FailedOperation.PhoneNumberInBlacklist", None, NotSent, False),
    ("tencent", "FailedOperation.TemplateIncorrectOrUnapproved", None, NotSent, False),
    ("tencent", "InternalError.Timeout", 200, MayHaveLeft, False),
    ("tencent", "InternalError", 200, MayHaveLeft, False),
    ("twilio", 21211, None, DeadAddress, False),
    ("twilio", 21614, None, DeadAddress, False),
    ("twilio", 20429, 429, Later, False),
    ("twilio", 21611, None, Later, False),
    ("twilio", 20003, 401, Later, True),
    ("twilio", 30002, 400, Later, True),
    ("twilio", 20503, 503, Later, True),
    ("twilio", 21610, None, NotSent, False),
    ("twilio", 21617, None, NotSent, False),
    ("twilio", 20500, 500, MayHaveLeft, False),
]


@pytest.mark.parametrize(("kind", "code", "status", "meant", "down"), REFUSED)
def test_R11_4_a_refusal_means_what_the_provider_means(
    stub: Stub, kind: str, code: Any, status: int | None, meant: type[Exception], down: bool
) -> None:
    stub.say(said_by(kind, code, status=status))
    with pytest.raises(meant) as caught:
        MAKE[kind](stub.url).send(MESSAGE)
    assert type(caught.value) is meant
    assert getattr(caught.value, "down", False) is down
    assert str(code) in str(caught.value), "the provider's own code is told"
    assert len(stub.asked) == 1, "an SDK that tries again by itself could send twice"


def test_R11_4_a_throttle_says_how_long(stub: Stub) -> None:
    stub.say(said_by("tencent", "LimitExceeded.PhoneNumberThirtySecondLimit"))
    with pytest.raises(Later) as caught:
        tencent(stub.url).send(MESSAGE)
    assert caught.value.after == 30


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "how", [HANG, DROP, (200, b"<html>not what you think</html>"), (502, b"bad gateway")]
)
def test_R11_4_who_does_not_answer_clearly_may_have_sent_it(stub: Stub, kind: str, how: Any) -> None:
    stub.say(how)
    with pytest.raises(MayHaveLeft):
        MAKE[kind](stub.url).send(MESSAGE)
    assert len(stub.asked) == 1, "not asked a second time"


@pytest.mark.parametrize("kind", KINDS)
def test_R11_4_where_no_line_comes_about_nothing_left(stub: Stub, kind: str) -> None:
    with pytest.raises(Later) as caught:
        MAKE[kind](f"http://127.0.0.1:{closed_port()}").send(MESSAGE)
    assert caught.value.down


@pytest.mark.parametrize("kind", KINDS)
def test_an_endpoint_in_the_inner_net_is_not_asked(stub: Stub, settings: Any, kind: str) -> None:
    settings.INTERNAL_HOSTS = []
    with pytest.raises(Later) as caught:
        MAKE[kind](stub.url).send(MESSAGE)
    assert caught.value.down and stub.asked == []


@pytest.mark.parametrize("kind", ["aliyun", "tencent"])
def test_R11_1_free_text_goes_by_the_template_that_the_settings_name(stub: Stub, kind: str) -> None:
    free = Outgoing(key="k", to="+85261234567", text="Hi")
    with pytest.raises(NotSent, match="approved"):
        MAKE[kind](stub.url).send(free)
    assert stub.asked == []
    stub.say(said_by(kind, OK[kind]))
    MAKE[kind](stub.url, template="SMS_9").send(free)
    if kind == "aliyun":
        asked = {**stub.form(), **_query(stub)}
        assert json.loads(asked["TemplateParam"]) == {"text": "Hi"} and asked["PhoneNumbers"] == "85261234567"
    else:
        assert stub.json()["TemplateParamSet"] == ["Hi"] and stub.json()["TemplateId"] == "SMS_9"


def test_R11_4_none_of_the_three_honours_keys() -> None:
    assert not any(driver.keyed for driver in (SmsAliyun, SmsTencent, SmsTwilio))


def incoming(body: Any = b"", form: dict[str, str] | None = None, **headers: str) -> Incoming:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Incoming("POST", "/hooks/one/key/", headers, {}, form or {}, content, HOOK)


def test_R11_5_aliyun_reports_many_at_once() -> None:
    rows = [
        {"phone_number": "13800000001", "success": True, "err_code": "DELIVERED", "err_msg": "ok", "biz_id": "b1",
         "out_id": "k-1", "report_time": "2026-03-02 09:00:30", "sms_size": "1"},
        {"phone_number": "13800000002", "success": False, "err_code": "MK:0001", "err_msg": "空号", "biz_id": "b2",
         "out_id": "k-2", "report_time": "nonsense"},
        {"phone_number": "13800000003", "success": False, "err_code": "EXPIRED", "err_msg": "late", "biz_id": "b3"},
    ]  # fmt: skip
    first, dead, late = aliyun("https://x.example").receipts(incoming(rows))
    assert (first.what, first.provider_id, first.key, first.dead) == ("delivered", "b1", "k-1", False)
    assert first.at is not None and first.at.isoformat() == "2026-03-02T01:00:30+00:00"
    assert (dead.what, dead.dead, dead.at) == ("bounced", True, None)
    assert (late.what, late.dead) == ("bounced", False) and "EXPIRED" in late.why
    assert aliyun("https://x.example").inbound(incoming(rows)) == []


def test_R11_2_aliyun_tells_what_people_text_back() -> None:
    row = {
        "phone_number": "13800000001",
        "send_time": "2026-03-02 09:00:00",
        "content": "退订",
        "sequence_id": 7,
    }
    (answer,) = aliyun("https://x.example").inbound(incoming([row]))
    assert (answer.sender, answer.text, answer.id) == (TO, "退订", "7")
    assert aliyun("https://x.example").receipts(incoming([row])) == []


def test_R11_5_tencent_reports_and_tells_answers() -> None:
    driver = tencent("https://x.example")
    rows = [
        {"user_receive_time": "2026-03-02 09:00:03", "nationcode": "86", "mobile": "13800000001", "report_status":
         "SUCCESS", "errmsg": "DELIVRD", "description": "ok", "sid": "ser:1"},
        {"nationcode": "86", "mobile": "13800000002", "report_status": "FAIL", "errmsg": "MK:0001", "description": "空号",
         "sid": "ser:2"},
    ]  # fmt: skip
    good, dead = driver.receipts(incoming(rows))
    assert (good.what, good.provider_id) == ("delivered", "ser:1") and (dead.what, dead.dead) == (
        "bounced",
        True,
    )
    reply = {
        "nationcode": "86",
        "mobile": "13800000001",
        "text": "T",
        "sign": "Trunk",
        "time": 1772413200,
        "extend": "",
    }
    (answer,) = driver.inbound(incoming(reply))
    assert (answer.sender, answer.text) == (TO, "T")
    assert driver.inbound(incoming(reply))[0].id == answer.id, "the same one twice is one"
    assert driver.receipts(incoming(reply)) == []


def signed(form: dict[str, str], token: str = "s3cret", url: str = HOOK) -> Incoming:
    mark = RequestValidator(token).compute_signature(url, form)
    return incoming(form=form, **{"x-twilio-signature": mark})


def test_R11_5_twilio_reports_are_believed_when_it_signed_them() -> None:
    driver = twilio("https://x.example")
    form = {"MessageSid": "SM1", "MessageStatus": "delivered", "To": TO}
    (good,) = driver.receipts(signed(form))
    assert (good.what, good.provider_id) == ("delivered", "SM1")
    (bad,) = driver.receipts(signed({**form, "MessageStatus": "undelivered", "ErrorCode": "30005"}))
    assert (bad.what, bad.dead) == ("bounced", True)
    assert driver.receipts(signed({**form, "MessageStatus": "sent"})) == [], "on its way is no news"
    (answer,) = driver.inbound(
        signed({"MessageSid": "SM2", "From": TO, "Body": "STOP", "SmsStatus": "received"})
    )
    assert (answer.sender, answer.text, answer.id) == (TO, "STOP", "SM2")
    for forged in (
        signed(form, token="guess"),
        signed(form, url="https://elsewhere.example/"),
        incoming(form=form),
    ):
        with pytest.raises(NotOurs):
            driver.receipts(forged)
        with pytest.raises(NotOurs):
            driver.inbound(forged)


GARBAGE = [
    b"",
    b"{",
    b"[1, 2]",
    b'"text"',
    b"\xff\xfe",
    b"null",
    b"[" * 100_000,
    b'[{"success": 1, "biz_id": {"a": []}}]',
]


@pytest.mark.parametrize("kind", ["aliyun", "tencent"])
@pytest.mark.parametrize("body", GARBAGE)
def test_a_report_that_cannot_be_read_is_refused_and_breaks_nothing(kind: str, body: bytes) -> None:
    driver = MAKE[kind]("https://x.example")
    for read in (driver.receipts, driver.inbound):
        try:
            assert isinstance(read(incoming(body)), list)
        except NotOurs:
            continue
