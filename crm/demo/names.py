"""Words that people, companies and places of the demo are made of; all of them are invented."""

from __future__ import annotations

# Chinese and how it is written in letters, for e-mail addresses and WeChat ids.
SURNAMES = [
    ("王", "wang"), ("李", "li"), ("张", "zhang"), ("刘", "liu"), ("陈", "chen"), ("杨", "yang"), ("黄", "huang"),
    ("赵", "zhao"), ("吴", "wu"), ("周", "zhou"), ("徐", "xu"), ("孙", "sun"), ("马", "ma"), ("朱", "zhu"),
    ("胡", "hu"), ("郭", "guo"), ("何", "he"), ("高", "gao"), ("林", "lin"), ("罗", "luo"), ("郑", "zheng"),
    ("梁", "liang"), ("谢", "xie"), ("宋", "song"), ("唐", "tang"), ("许", "xu"), ("韩", "han"), ("冯", "feng"),
    ("邓", "deng"), ("曹", "cao"), ("彭", "peng"), ("曾", "zeng"), ("肖", "xiao"), ("田", "tian"), ("董", "dong"),
    ("潘", "pan"), ("袁", "yuan"), ("蔡", "cai"), ("蒋", "jiang"), ("余", "yu"), ("欧阳", "ouyang"),
]  # fmt: skip
GIVEN = [
    ("丽华", "lihua"), ("建国", "jianguo"), ("晓燕", "xiaoyan"), ("志强", "zhiqiang"), ("敏", "min"), ("静怡", "jingyi"),
    ("伟明", "weiming"), ("秀英", "xiuying"), ("浩然", "haoran"), ("子涵", "zihan"), ("雪梅", "xuemei"), ("海涛", "haitao"),
    ("文静", "wenjing"), ("国栋", "guodong"), ("婷婷", "tingting"), ("俊杰", "junjie"), ("雅琴", "yaqin"), ("宏伟", "hongwei"),
    ("思远", "siyuan"), ("玉兰", "yulan"), ("家豪", "jiahao"), ("佳怡", "jiayi"), ("振华", "zhenhua"), ("慧", "hui"),
    ("鹏飞", "pengfei"), ("春梅", "chunmei"), ("立新", "lixin"), ("诗雨", "shiyu"), ("永强", "yongqiang"), ("爱民", "aimin"),
    ("芳", "fang"), ("卫东", "weidong"), ("梦琪", "mengqi"), ("天宇", "tianyu"), ("淑珍", "shuzhen"), ("睿", "rui"),
    ("少华", "shaohua"), ("倩", "qian"), ("一鸣", "yiming"), ("月娥", "yuee"),
]  # fmt: skip
TITLES_ZH = [
    "院长",
    "诊所负责人",
    "行政主管",
    "护士长",
    "运营经理",
    "采购",
    "门诊部主任",
    "信息科",
    "合伙人",
    "财务",
    "店长",
    "市场经理",
]
CITIES = [
    ("深圳", "0755"), ("广州", "020"), ("上海", "021"), ("杭州", "0571"), ("苏州", "0512"), ("成都", "028"), ("武汉", "027"),
    ("南京", "025"), ("厦门", "0592"), ("长沙", "0731"), ("东莞", "0769"), ("佛山", "0757"), ("西安", "029"), ("重庆", "023"),
    ("宁波", "0574"), ("珠海", "0756"), ("合肥", "0551"), ("青岛", "0532"),
]  # fmt: skip
BRANDS = [
    ("仁和", "renhe"), ("康宁", "kangning"), ("明德", "mingde"), ("益民", "yimin"), ("春晖", "chunhui"), ("博爱", "boai"),
    ("瑞康", "ruikang"), ("安和", "anhe"), ("同善", "tongshan"), ("惠民", "huimin"), ("佳美", "jiamei"), ("新悦", "xinyue"),
    ("百合", "baihe"), ("晨光", "chenguang"), ("德馨", "dexin"), ("海棠", "haitang"), ("青禾", "qinghe"), ("泰来", "tailai"),
    ("和顺", "heshun"), ("悦心", "yuexin"), ("长青", "changqing"), ("微笑", "weixiao"), ("启明", "qiming"), ("润泽", "runze"),
    ("松鹤", "songhe"), ("嘉禾", "jiahe"), ("维安", "weian"), ("星河", "xinghe"), ("橙子", "chengzi"), ("云溪", "yunxi"),
]  # fmt: skip
KINDS_ZH = [
    "口腔门诊部", "口腔", "综合门诊部", "中医馆", "眼科诊所", "儿科诊所", "康复医学中心", "宠物医院", "皮肤科门诊部", "体检中心",
    "妇产门诊部", "中医诊所",
]  # fmt: skip
FIRST_EN = [
    "Emma", "James", "Olivia", "Daniel", "Grace", "Michael", "Sarah", "Thomas", "Priya", "David", "Hannah", "Oliver",
    "Kelly", "Jason", "Vivian", "Samuel", "Alice", "Nathan", "Fiona", "Ryan", "Carmen", "Patrick", "Yvonne", "Marcus",
    "Helen", "Victor", "Naomi", "Adrian", "Chloe", "Simon",
]  # fmt: skip
LAST_EN = [
    "Walker", "Bennett", "Cheung", "Patel", "Morrison", "Lau", "Hughes", "Foster", "Wong", "Sullivan", "Brooks", "Kwok",
    "Chan", "Ellis", "Reyes", "Murphy", "Leung", "Hart", "Sharma", "Coleman", "Tse", "Barnes", "Nguyen", "Fletcher",
    "Yip", "Osborne", "Garcia", "Mak", "Preston", "Doyle",
]  # fmt: skip
TITLES_EN = [
    "Practice manager", "Owner", "Head nurse", "Operations manager", "Clinic director", "Purchasing", "Partner",
    "IT lead", "Front desk lead", "Finance manager",
]  # fmt: skip
BRANDS_EN = [
    "Harbour View", "Maple Grove", "Northside", "Bright Smile", "Silver Oak", "Victoria Road", "Lakeside", "Evergreen",
    "Kowloon Bay", "Stanley", "Riverbank", "Union Square", "Green Lane", "Peak", "Camden", "Bayshore", "Hillcrest", "Pacific",
    "St. Mark", "Orchard",
]  # fmt: skip
KINDS_EN = [
    "Dental",
    "Eye Care",
    "Family Clinic",
    "Physiotherapy",
    "Veterinary",
    "Skin Clinic",
    "Medical Group",
    "Kids Clinic",
]
FORMS_EN = {"HK": "Limited", "US": "LLC", "GB": "Ltd"}
# Area codes whose 555-01xx numbers are set aside for stories.
AREAS_US = ["212", "415", "312", "617", "206", "303", "512", "702", "503", "619"]
