"""The headings people write over a column, in English and Chinese, folded as `headings.fold` does it."""

WORDS: dict[str, str] = {
    "phone": """
        phone mobile tel telephone cell cellphone handphone phonenumber mobilephone mobilenumber
        mobileno telno phoneno telephonenumber contactnumber contactphone workphone businessphone
        officephone homephone mobilephonenumber landline phone1 phone2 phone3 mobile1 mobile2 tel1 tel2
        primaryphone otherphone 手机 手机号 手机号码 手机1 手机2 手机一 手机二 电话 电话号码 电话1 电话2
        联系电话 联系方式 联系手机 移动电话 座机 座机号 固话 固定电话 办公电话 公司电话 备用电话
        备用手机 其他电话 联系人电话 联系人手机 手機 電話
    """,
    "email": """
        email mail emailaddress emailid mailaddress workemail businessemail primaryemail otheremail
        email1 email2 contactemail 邮箱 邮件 电子邮件 电子邮箱 邮箱地址 邮件地址 电子邮件地址 工作邮箱
        联系邮箱 备用邮箱 邮箱1 邮箱2 郵箱
    """,
    "wechat": """
        wechat wechatid weixin wx wxid wechatno wechatnumber wechataccount 微信 微信号 微信号码 微信id
        微信账号 微信帐号 联系人微信 微信1 微信2 微信號
    """,
    "name": """
        name fullname contact contactname contactperson person leadname customername lead customer 姓名
        名字 联系人 联系人姓名 客户姓名 客户名称 客户 称呼 名称 线索名称 线索姓名 联系人名称 姓名称呼
        聯繫人
    """,
    "title": """
        title jobtitle position role job occupation designation 职位 职务 岗位 头衔 职称 联系人职位
        联系人职务 職位
    """,
    "company_name": """
        company companyname organization organisation org organizationname account accountname firm
        business employer corp corporation companyfullname 公司 公司名称 公司名 企业 企业名称 单位
        单位名称 工作单位 公司全称 客户公司 所属公司 机构 机构名称 组织 抬头
    """,
    "channel": """
        channel source leadsource sourcechannel origin utmsource acquisitionchannel sourceofenquiry 来源
        渠道 来源渠道 线索来源 客户来源 渠道来源 获客渠道 推广渠道 數據來源 数据来源 来源平台
    """,
    "campaign": """
        campaign campaignname landingpage landingpageid utmcampaign event eventname 活动 活动名称
        营销活动 推广活动 市场活动 落地页 推广计划 计划名称 来源活动
    """,
    "medium": "medium utmmedium 媒介 媒体 方式 获客方式 来源方式 触点 形式",
    "cost": """
        cost leadcost spend costperlead cpl acquisitioncost 成本 费用 花费 获客成本 线索成本 线索费用
    """,
    "note": """
        note notes remark remarks comment comments memo description message details requirement 备注
        说明 描述 留言 备忘 需求 客户需求 备注信息 其他 沟通记录 备註
    """,
    "acquired_at": """
        acquiredat acquired firstcontactdate firstcontact firstcontacttime createdat created createtime
        createddate creationdate date leaddate datecreated submittedat submittime submissiondate
        首次接触时间 首次接触日期 首次接触 首次联系时间 创建时间 创建日期 日期 时间 获取时间 获取日期
        录入时间 录入日期 提交时间 登记时间 留资时间 线索时间 线索创建时间 注册时间
    """,
    "reference": """
        reference ref id leadid externalid mqlid customerid crmid contactid no serialnumber 编号 序号
        客户编号 线索编号 线索id 客户id 外部编号
    """,
}

#: Headings that say too little: there what stands in the column decides.
VAGUE = frozenset(
    [
        "contact",
        "联系方式",
        "联系人",
        "customer",
        "customername",
        "客户",
        "客户名称",
        "名称",
        "name",
        "account",
        "accountname",
    ]
)

#: The family names of nine in ten Chinese people.
SURNAMES = frozenset(
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋"
    "蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万"
)
