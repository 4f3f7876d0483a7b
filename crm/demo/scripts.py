"""What the telemarketers say: two scripts, bettered over the weeks, and what was answered to their questions."""

from __future__ import annotations

from typing import Any

from calling.models import Script
from calling.services import save_script
from crm.demo.persons import Person
from crm.demo.world import World


def _step(title: str, text: str, *questions: tuple[str, str]) -> dict[str, Any]:
    return {"title": title, "text": text, "questions": [{"key": k, "text": t} for k, t in questions]}


NOW_ZH = ("now", "现在用什么管预约和病历？")
SIZE_ZH = ("doctors", "有几位医生、几个椅位？")
WHEN_ZH = ("when", "大概什么时候想换？")
TIME_ZH = ("time", "同事什么时候打过来方便？")
NOW_EN = ("now", "What do you use for bookings and records today?")
SIZE_EN = ("doctors", "How many practitioners?")
TIME_EN = ("time", "When may my colleague ring?")

HAND_ZH = (
    "您这个情况我的同事最熟悉，同城好几家诊所都是他上线的。我请他十五分钟内给您回电，省得您再讲一遍，好吗？"
)
OPEN_ZH = "{}您好，我是康启医疗的。我们做诊所一体化系统，预约、病历、收费在一个屏幕里，现在讲半分钟方便吗？"
ZH = "诊所电话邀约"
EN = "First call (English)"
# name, is it the desk's own: the versions, each with the part of the firm's days after which it is said.
SCRIPTS: dict[str, tuple[str, bool, list[tuple[float, list[dict[str, Any]]]]]] = {
    "zh": (
        ZH,
        True,
        [
            (
                0.0,
                [
                    _step(
                        "自我介绍",
                        "您好，我是康启医疗科技有限公司的客服，我们成立于2016年，为两千多家诊所提供软件、设备和培训，"
                        "想占用您几分钟做个介绍。",
                    ),
                    _step(
                        "产品",
                        "我们的产品有诊所云、影像云、预约助手、自助挂号机和手持超声，您对哪一个感兴趣？",
                        NOW_ZH,
                    ),
                    _step("转给销售", "那我让销售联系您。"),
                ],
            ),
            (
                0.24,
                [
                    _step("一句话", OPEN_ZH.format("")),
                    _step(
                        "三十秒讲痛点",
                        "很多诊所前台一边接电话一边翻本子，约重了、爽约了都不知道。用诊所云，病人微信自己约，前一天自动提醒，"
                        "爽约能少三成。",
                        NOW_ZH,
                        SIZE_ZH,
                    ),
                    _step("转给同事", HAND_ZH),
                ],
            ),
            (
                0.55,
                [
                    _step("一句话", OPEN_ZH.format("院长")),
                    _step(
                        "三十秒讲同行",
                        "您同城的一家口腔，八个椅位，上线两个月爽约从两成降到半成，前台少排了一个班。旧病历我们免费导进来，"
                        "不耽误接诊。",
                        NOW_ZH,
                        SIZE_ZH,
                        WHEN_ZH,
                    ),
                    _step("转给同事", HAND_ZH, TIME_ZH),
                ],
            ),
        ],
    ),
    "en": (
        EN,
        False,
        [
            (
                0.0,
                [
                    _step(
                        "Who we are",
                        "Hello, this is Kangqi Clinics. We make software and devices for clinics.",
                    ),
                    _step(
                        "What it solves",
                        "Clinic Cloud has booking, records and billing in one place.",
                        NOW_EN,
                    ),
                    _step("Hand-over", "May a colleague of mine call you?"),
                ],
            ),
            (
                0.42,
                [
                    _step(
                        "One sentence",
                        "Hello, Kangqi Clinics: we put booking, records and billing of a clinic on one screen. "
                        "Do you have half a minute?",
                    ),
                    _step(
                        "Thirty seconds",
                        "A clinic of your size cut its no-shows from 20 % to 6 % in two months, and we move the old "
                        "records free of charge.",
                        NOW_EN,
                        SIZE_EN,
                    ),
                    _step(
                        "Hand-over",
                        "My colleague has set this up for several clinics near you. He will ring within fifteen "
                        "minutes, so that you need not explain it twice.",
                        TIME_EN,
                    ),
                ],
            ),
        ],
    ),
}

ANSWERS: dict[str, dict[str, list[str]]] = {
    "zh": {
        "now": [
            "Excel排班",
            "纸质病历",
            "没有系统，全靠前台记",
            "e看牙，用了三年",
            "医掌门，嫌贵",
            "总部统一的老系统",
        ],
        "doctors": ["{n}位医生", "{n}个椅位", "两个院区，一共{n}位医生", "{n}位，还在招"],
        "when": ["月底前", "下个季度", "过完年", "合同到期就换，还有两个月", "没想好，先看看"],
        "time": ["现在就行", "下午三点以后", "中午十二点半", "明天上午", "先加微信再打"],
    },
    "en": {
        "now": [
            "Spreadsheets",
            "Paper cards",
            "CliniSoft, unhappy with support",
            "Nothing yet, opening soon",
        ],
        "doctors": ["{n}", "{n}, two part-time", "{n} on two sites"],
        "time": ["Right now", "After three", "Lunch break", "Tomorrow morning", "Message first"],
    },
}
# How well each version works: the part of the usual interest it wakes.
PULL = {"zh": (0.75, 1.0, 1.35), "en": (0.85, 1.15)}
REACHED = {
    "interested": [2, 3, 3, 3],
    "no_need": [1, 1, 2, 2, 3],
    "refused": [1, 1, 1, 2],
    "call_back": [1, 1, 2],
    "wrong_number": [1],
}


def days(world: World) -> None:
    """Each version on its day."""
    for language, (_name, _default, versions) in SCRIPTS.items():
        for n, (part, _steps) in enumerate(versions):
            when = world.moment(world.day(int(world.days * part)), 8.2, 8.6)
            world.at(when if n else world.start, write, language, n)


def write(world: World, language: str, n: int) -> None:
    """Marketing writes the next version."""
    name, is_default, versions = SCRIPTS[language]
    script = Script.objects.filter(name=name).first()
    steps = versions[n][1]
    version = save_script(script, by=world.people["max"], name=name, steps=steps, is_default=is_default)
    world.scripts[language] = version


def pull(world: World, person: Person) -> float:
    """How much of the usual interest the present version wakes."""
    version = world.scripts.get(person.language)
    return PULL[person.language][version.number - 1] if version else 1.0


def said(world: World, person: Person, outcome: str) -> dict[str, Any]:
    """What a call keeps of its script: the version, the step it reached, the answers up to there."""
    version = world.scripts[person.language]
    if outcome not in REACHED:
        return {"script_version": version}
    rng = world.rng
    step = rng.choice(REACHED[outcome])
    book = ANSWERS[person.language]
    answers = {
        question["key"]: rng.choice(book[question["key"]]).format(n=rng.randint(2, 18))
        for part in version.steps[:step]
        for question in part["questions"]
        if rng.random() < (0.85 if outcome == "interested" else 0.5)
    }
    return {"script_version": version, "step": step, "answers": answers}
