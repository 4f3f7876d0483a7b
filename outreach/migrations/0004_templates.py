"""The templates that the five cadences begin with (R10.1), in both languages: short, honest, with a way out."""

from datetime import UTC, datetime

from django.db import migrations

AT = datetime(2026, 1, 1, tzinfo=UTC)
EN, ZH = "en", "zh-hans"

# code → (channel, name, {language: (subject, text)})
TEMPLATES = {
    "not_now_sms": (
        "sms",
        "Not now: a short hello",
        {
            EN: (
                "",
                "{{ firm }}: Hello {{ name | there }}, when we last spoke the time was not right. If that has changed, "
                "tap here and we call you: {{ call_me }} Reply STOP to opt out.",
            ),
            ZH: (
                "",
                "【{{ firm }}】{{ name }}您好，上次聊时您说暂不考虑。如果情况有变，点这里，我们给您回电：{{ call_me }} 回T退订",
            ),
        },
    ),
    "not_now_email": (
        "email",
        "Not now: start small",
        {
            EN: (
                "Instead of waiting: start small",
                "Hello {{ name | there }},\n\nyou told us that now was not the time, and we took you at your word.\n\n"
                "Whoever does not want to wait can start small: one team, one month. How that would look at "
                "{{ company | your firm }}, and what it costs, we tell you in ten minutes.\n\n"
                "Please call me: {{ call_me }}\n\nOr just reply to this mail. If you would rather not hear from us: "
                "{{ unsubscribe }}\n\n{{ firm }}",
            ),
            ZH: (
                "不必一步到位，可以先小范围试试",
                "{{ name }}您好：\n\n上次您说现在不是时候，我们记着。\n\n"
                "如果不想一直等，可以先从一个小组、一个月试起。放在{{ company | 贵公司 }}怎么做、要花多少，十分钟就能讲清楚。\n\n"
                "请给我回电：{{ call_me }}\n\n直接回复这封邮件也可以。如不想再收到，请点这里退订：{{ unsubscribe }}\n\n{{ firm }}",
            ),
        },
    ),
    "not_now_live": (
        "email",
        "Not now: come to a live stream",
        {
            EN: (
                "30 minutes live: questions, answers, no sales talk",
                "Hello {{ name | there }},\n\nwe regularly show live how customers work with what we make, and answer "
                "whatever is asked. You watch, nobody calls you afterwards unless you want it.\n\n"
                "Reply “yes” and we send you the next date and the link. If you would rather talk to a person: "
                "{{ call_me }}\n\nNo more mails: {{ unsubscribe }}\n\n{{ firm }}",
            ),
            ZH: (
                "直播半小时：只答问题，不推销",
                "{{ name }}您好：\n\n我们定期直播，看看老客户平时怎么用，现场有问必答。您只管看，除非您愿意，事后没有人打电话。\n\n"
                "回复“想看”，我们把下一场的时间和链接发给您。想直接找人聊：{{ call_me }}\n\n退订：{{ unsubscribe }}\n\n{{ firm }}",
            ),
        },
    ),
    "interest_wechat": (
        "wechat",
        "Some interest: let us add each other",
        {
            EN: (
                "",
                "Hello {{ name | there }}, this is {{ firm }}, we spoke lately. May I add you here? I only write when "
                "there is something of use to you, and you can tell me to stop at any time.",
            ),
            ZH: (
                "",
                "{{ name }}您好，我是{{ firm }}的，前阵子和您聊过。方便加个微信吗？有对您有用的才发，觉得打扰您说一声就好。",
            ),
        },
    ),
    "interest_article": (
        "wechat",
        "Some interest: an article",
        {
            EN: (
                "",
                "Hello {{ name | there }}, we have written up how a customer in a situation like yours went about it: what "
                "worked, and what did not. Two pages. Shall I send it to you?",
            ),
            ZH: (
                "",
                "{{ name }}您好，我们刚写了一篇客户的真实经历，情况和您那边挺像：哪些管用，哪些走了弯路，两页纸。要不要发您看看？",
            ),
        },
    ),
    "interest_moments": (
        "wechat",
        "Some interest: look at our Moments",
        {
            EN: (
                "",
                "Hello {{ name | there }}, I have just put some pictures from a customer's first week into my Moments. "
                "Have a look when you have a minute, and ask whatever you like.",
            ),
            ZH: (
                "",
                "{{ name }}您好，我刚在朋友圈发了一位客户上线第一周的情况，您有空可以看看，有什么想问的直接发我。",
            ),
        },
    ),
    "interest_community": (
        "wechat",
        "Some interest: join the group",
        {
            EN: (
                "",
                "Hello {{ name | there }}, we have a group in which customers swap what works for them. No advertising, "
                "a few messages a week. Shall I invite you?",
            ),
            ZH: (
                "",
                "{{ name }}您好，我们有个客户交流群，都是同行分享自己的做法，不发广告，一周几条消息。要不要拉您进来？",
            ),
        },
    ),
    "inactive_call": (
        "call",
        "Long inactive: a robot asks",
        {
            EN: (
                "",
                "Hello, this is an automatic call from {{ firm }}. We were in touch some time ago. If you would like one "
                "of us to call you back, say yes. If you want no more calls, say stop. Thank you.",
            ),
            ZH: (
                "",
                "您好，这里是{{ firm }}的语音回访。之前和您联系过，想问问您现在是否需要了解。需要我们的同事回电，请说“需要”；"
                "不想再接到电话，请说“不要再打”。谢谢。",
            ),
        },
    ),
    "inactive_sms": (
        "sms",
        "Long inactive: a short question",
        {
            EN: (
                "",
                "{{ firm }}: Hello {{ name | there }}, is it still of interest to you? One tap and we call you: "
                "{{ call_me }} Otherwise no need to do anything. Reply STOP to opt out.",
            ),
            ZH: (
                "",
                "【{{ firm }}】{{ name }}您好，之前您了解过的事，现在还需要吗？需要点这里，我们回电：{{ call_me }} 回T退订",
            ),
        },
    ),
    "inactive_email": (
        "email",
        "Long inactive: are we still of use",
        {
            EN: (
                "Shall we keep in touch?",
                "Hello {{ name | there }},\n\nwe have not heard from {{ company | you }} for a while. That is fine; we only "
                "do not want to write for nothing.\n\nIf it is still of interest, ask for a call: {{ call_me }}\n\n"
                "If not, one click and you hear no more from us: {{ unsubscribe }}\n\n{{ firm }}",
            ),
            ZH: (
                "还需要我们和您保持联系吗？",
                "{{ name }}您好：\n\n有一阵子没有{{ company | 您 }}的消息了。没关系，我们只是不想白白打扰。\n\n"
                "如果还想了解，请点这里，我们给您回电：{{ call_me }}\n\n如果不需要了，点一下就不再发：{{ unsubscribe }}\n\n{{ firm }}",
            ),
        },
    ),
    "dormant_sms": (
        "sms",
        "Dormant: twice a year",
        {
            EN: (
                "",
                "{{ firm }}: Hello {{ name | there }}, twice a year we ask: has anything changed on your side? We gladly "
                "call you: {{ call_me }} Reply STOP to opt out.",
            ),
            ZH: (
                "",
                "【{{ firm }}】{{ name }}您好，半年没打扰您了。如果有了新的想法，点这里，我们给您回电：{{ call_me }} 回T退订",
            ),
        },
    ),
    "dormant_email": (
        "email",
        "Dormant: what is new",
        {
            EN: (
                "Half a year later: what has changed with us",
                "Hello {{ name | there }},\n\nyou hear from us twice a year at most. What is new here since the last time, "
                "and whether it matters to {{ company | your firm }}, we show you in fifteen minutes: {{ call_me }}\n\nNo more mails: {{ unsubscribe }}\n\n{{ firm }}",
            ),
            ZH: (
                "半年过去，我们这边有些变化",
                "{{ name }}您好：\n\n我们一年最多给您写两次。这半年有哪些变化、对{{ company | 贵公司 }}有没有用，"
                "十五分钟就能演示清楚：{{ call_me }}\n\n退订：{{ unsubscribe }}\n\n{{ firm }}",
            ),
        },
    ),
    "third_sms_1": (
        "sms",
        "Third party: who we are",
        {
            EN: (
                "",
                "Hello {{ name | there }}, this is {{ firm }}. A partner gave us {{ company | your firm }} as somebody "
                "whom we may be of use to. Interested? {{ call_me }} If not, reply STOP, sorry for the trouble.",
            ),
            ZH: (
                "",
                "【{{ firm }}】{{ name }}您好，合作伙伴向我们推荐了{{ company | 贵公司 }}。想了解请点：{{ call_me }} 打扰了，回T退订",
            ),
        },
    ),
    "third_email": (
        "email",
        "Third party: an introduction",
        {
            EN: (
                "Who we are, in a few sentences",
                "Hello {{ name | there }},\n\nwe have your address from a partner, and you have not heard of us before. "
                "We are {{ firm }}. We do not know yet whether what we do is of use to {{ company | your firm }}; after "
                "ten minutes on the phone you and we do.\n\n"
                "Please call me: {{ call_me }}\n\nNot interested? One click, and your address is off our list: "
                "{{ unsubscribe }}\n\n{{ firm }}",
            ),
            ZH: (
                "几句话介绍一下我们",
                "{{ name }}您好：\n\n您的邮箱是合作伙伴提供的，之前您可能没听说过我们。我们是{{ firm }}。"
                "我们做的事对{{ company | 贵公司 }}有没有用，现在还说不准，电话里聊十分钟就清楚了。\n\n"
                "请给我回电：{{ call_me }}\n\n不感兴趣的话，点一下就从名单里去掉：{{ unsubscribe }}\n\n{{ firm }}",
            ),
        },
    ),
    "third_call": (
        "call",
        "Third party: a robot introduces us",
        {
            EN: (
                "",
                "Hello, this is an automatic call from {{ firm }}. A partner gave us your number. If one of us may "
                "call you and say in a minute what we do, say yes. If you want no more calls, say stop.",
            ),
            ZH: (
                "",
                "您好，这里是{{ firm }}的语音来电，您的联系方式由合作伙伴提供。如果愿意花一分钟听我们的同事介绍，"
                "请说“可以”；不想再接到电话，请说“不要再打”。",
            ),
        },
    ),
    "third_sms_2": (
        "sms",
        "Third party: last word",
        {
            EN: (
                "",
                "{{ firm }}: Hello {{ name | there }}, this is our last message for now. Should you want to know more, we "
                "call you: {{ call_me }} Reply STOP to opt out.",
            ),
            ZH: (
                "",
                "【{{ firm }}】{{ name }}您好，近期不再打扰您。以后想了解，随时点这里，我们给您回电：{{ call_me }} 回T退订",
            ),
        },
    ),
}


def fill(apps, schema_editor):
    template = apps.get_model("outreach", "Template")
    text = apps.get_model("outreach", "TemplateText")
    for code, (channel, name, words) in TEMPLATES.items():
        row, made = template.objects.get_or_create(
            code=code, defaults={"name": name, "channel": channel, "created_at": AT}
        )
        if made:
            for language, (subject, said) in words.items():
                text.objects.create(template=row, language=language, subject=subject, text=said)


class Migration(migrations.Migration):
    dependencies = [("outreach", "0003_reach")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
