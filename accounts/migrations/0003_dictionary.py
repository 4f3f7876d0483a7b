"""The dictionary as it is shipped (R14.4): each word with its meaning, in both languages."""

from django.db import migrations

WORDS = [
    (
        "lead",
        "Lead",
        "线索",
        "A person we can reach: a phone number, an e-mail or a WeChat id is enough. One person is one lead, for life.",
        "能联系上的人：有电话、邮箱或微信号之一即可。一个人永远只有一条线索。",
    ),
    (
        "mql",
        "MQL",
        "市场认可线索 (MQL)",
        "A lead that does not refuse to talk. It is none if the number is empty or wrong, if several calls in a row "
        "were not answered, or if there is no need for now.",
        "不拒绝沟通的线索。空号、错号、连续多次无人接听或暂无需求的，不算 MQL。",
    ),
    (
        "sql",
        "SQL",
        "销售认可线索 (SQL)",
        "An MQL that the rep has verified and accepted. From then on it has one week to become an opportunity; "
        "after that it goes back to the public pool.",
        "经销售核实并确认有效的 MQL。从确认或领取时起，一星期内须转为商机，逾期收归公海。",
    ),
    (
        "opportunity",
        "Opportunity",
        "商机",
        "A customer who can be quoted: a clear need (at least one product), how many people, and the correct company "
        "name.",
        "可以报价的客户：需求明确（至少一个产品）、人数清楚、公司名称准确。",
    ),
    (
        "order",
        "Order",
        "订单",
        "A signed contract, paid or not. Before the signature it is a contract and counted nowhere as an order.",
        "已签订的合同，不论是否回款。签订之前只是合同，任何地方都不计为订单。",
    ),
    (
        "customer",
        "Customer",
        "客户",
        "A company with at least one signed order. It stays a customer, whatever becomes of the next chance.",
        "至少签过一份订单的公司。无论下一次机会结果如何，都仍是客户。",
    ),
    (
        "pool",
        "Public pool",
        "公海",
        "Where everything lies that cannot go forward, from any stage, with its reason. Nobody owns it, contact "
        "details are masked, and reps claim from it within limits.",
        "任何阶段走不下去的线索都带着原因回到这里。公海中的线索没有负责人，联系方式脱敏，销售可在限额内领取。",
    ),
    (
        "touch",
        "Touch",
        "跟进 / 触达",
        "One time that we speak with a person or write to them: a call, a note on a talk, a message. A rep follows "
        "up, marketing reaches out; both count as a touch.",
        "与对方的一次沟通：电话、面谈记录或消息。销售的叫跟进，市场的叫触达，都算一次。",
    ),
]


def fill(apps, schema_editor):
    term = apps.get_model("accounts", "Term")
    for place, (code, word_en, word_zh, text_en, text_zh) in enumerate(WORDS, start=1):
        texts = {"word_en": word_en, "word_zh": word_zh, "text_en": text_en, "text_zh": text_zh}
        term.objects.get_or_create(code=code, defaults={"place": place, **texts})


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_term"), ("core", "0001_functions")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
