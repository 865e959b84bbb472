"""Which slot of a desk card a heading, a label, a line or a sentence speaks for: steps, papers, channels, deadlines.

Official pages say it with few words: headings such as 办理流程 or 要什么材料, and sentences in which somebody does
something (提交, 缴), with a document, at a place or within a time. Precision comes before recall: what has not the
shape stays out, and the slot says that nothing is stated. Measured on corpus/gold/cards.jsonl. Which lines of an
article concern the question at all is decided in card.py.
"""

from __future__ import annotations

import re
from typing import Literal

from ingest.headings import is_item

SlotName = Literal["conclusion", "steps", "papers", "channels", "deadlines"]
SLOTS: tuple[SlotName, ...] = ("conclusion", "steps", "papers", "channels", "deadlines")

# What one does at a desk: 怎么算 and 怎么报 ask for a rule, not for steps.
_TO_DO = (
    r"申请|申领|办理|办|登记|绑定|激活|备案|参保|参加|缴费|缴|交|开户|理赔|认定|核定|转移|转|领取|领|取|买|查|退|停|续|补"
    r"|换|拿|弄|操作|恢复"
)
_HEADINGS: dict[SlotName, re.Pattern[str]] = {
    "steps": re.compile(
        rf"(?<!钱)(?:怎么|如何|怎样)(?:{_TO_DO})|流程|步骤|程序|顺序|手续|操作|先办|在?哪里?办|怎么办"
        r"|[线网]上(?:办理|申请|办)|线下(?:办理|办)|(?:办理|申请|登记|缴费|参保)方[式法]"
    ),
    "papers": re.compile(r"材料|证件|资料|带什么|带上?哪些|手续和材料|凭什么办"),
    "channels": re.compile(
        r"哪里(?:办|交|缴|领|申|买|查)|哪儿|渠道|地点|去哪|到哪|上哪|窗口|[线网]上办|线下办|办理方式|缴费方式"
    ),
    "deadlines": re.compile(r"时限|期限|什么时候|何时|多久|时间|最晚|最迟|几天|有效期|日期|多长时间"),
}
# What stands in such a heading without saying what it is about.
_SAYS_NOTHING = re.compile(
    r"^[第（(\d一二三四五六七八九十]+[)）、.．\s]*|注意事项|常见情况|常见问题|温馨提示|其他|特殊情况|处理|情况|所需|需要|准备|提交|携带"
    r"|要|能|可以|先|好|时候|什么|哪些|怎么|如何|怎样|在|哪里|哪儿|哪|去|到|上|多久|多长|最晚|最迟|几天|何时|有效期?|渠道|地点|窗口"
    r"|线上|线下|网上|方式|方法|流程|步骤|程序|顺序|手续|操作|材料|证件|资料|带|时限|期限|时间|日期|办理|办|申请|登记|参保|缴费|缴|交"
    r"|事项|件事|两|[、,，和与及的了吗呢?？：:()（）\s]"
)
_ONLY_TIME = re.compile(r"[\d年月日天周个以内上下前后超过不到满]+")
_NUMBERING = re.compile(r"^(?:[•·●○◦▪■*＊-]\s*|[（(]?[\d一二三四五六七八九十]{1,3}[)）、.．]\s*)")
_LABEL = re.compile(r"^([^：:，。；,;\n]{2,14}?)\s*[：:]\s*(?=\S)")

# A step of a list needs a verb, a sentence of a paragraph one that only somebody at a desk or a screen does.
_DOES = re.compile(
    rf"{_TO_DO}|打开|登录|点击|进入|选|填|提交|上传|下载|携带|带|凭|持|到|向|通过|核对|审核|准备|备齐|出示|扫码|签|确认|打款|公示"
    r"|等|告知|结算|复印|检查|拨打|开"
)
_ACTS = re.compile(
    r"办理|办好|申请|打开|登录|点击|进入|选好|选择|填写|提交|提出|上传|下载|携带|带上|带双方|凭[^，。；]{2,20}到|持[^，。；]{2,20}到|核对|审核|准备"
    r"|备齐|出示|扫码|签约|签署|确认|打款|打到|公示|拨打|提示|留好|登记|结算|查一|查看|缴纳|一次性补足|改参"
)
# Remarks about the page, and what only illustrates.
_DOES_NOT = re.compile(
    r"不构成|示例页面|不作为|仅供|[?？]$|^例如|举例|^(?:以上|具体|本文|本页|实际|最终)[^。]*为准[。.]?$"
    r"|方便快捷|更为稳妥|的关键|至关重要|有助于|^(?:小贴士|小提示|温馨提示|温馨提醒|友情提示|友情提醒)"
)
_PAPER = (
    r"身份证(?!号)|身份证明|户口[簿本页]|户口页|社保卡|社会保障卡|医保卡|医保电子凭证|医保凭证|银行卡(?![内里上])|存折|银行账号|发票|票据|收据|清单|病历|处方"
    r"|出生医学证明|诊断证明|关系证明|居住证明|申请[表书]|申报表|登记表|告知单|《[^》]{2,30}[表单证书]》|复印件|缴费凭证|完税凭证|证件(?!号)|照片|出院记录"
    r"|出院小结|诊断书|承诺书|居住证|登记卡|通行证|结算单|认定书|判决书|调解书|转诊意见|转诊证明|学籍信息|缴费单|通知书|情况说明|书面"
)
_NAMES_PAPER = re.compile(rf"{_PAPER}|材料|凭证|证明|医保码")
_BRINGS = re.compile(
    rf"(?:带上?|携带|持(?!有)|凭|提交|提供|备齐|准备|交|填写|出示|留好|上传|签署?|附上?|收好|保存|拿着?)[^，。；,;\n]{{0,24}}?(?:{_PAPER})"
)
_PLACE = (
    r"APP|app|App|小程序|公众号|官网|网站|服务网|平台|应用|窗口|大厅|网点|服务中心|经办机构|社保局|医保局|税务部门|社保处|医保部门|社保部门"
    r"|支付宝|微信|热线|电话|\d{5}|电子社保卡|随申办|粤省事|渝快办|医保办|乡镇、?街道|街道、?乡镇|村委会|居委会|柜台|银行|原单位|客户端"
)
_NAMES_PLACE = re.compile(rf"{_PLACE}|线上|网上|线下|社区|街道")
_GOES = re.compile(
    rf"(?:在|到|去|向|至|通过|用|登录|打开|进入|拨打|从|经|回)[^。；;\n]{{0,32}}?(?:{_PLACE}|[线网]上|社区)[^。；;\n]{{0,40}}?"
    r"(?:办|提交|申请|申领|登录|缴|交|查|登记|下载|激活|绑定|备案|领|搜|填|咨询|变更|参保|提出|上传|开立|选择|输入|补)"
    rf"|(?:登录|打开|进入|拨打)[^。；;\n]{{0,16}}?(?:{_PLACE})|[线网]上(?:办理|申请|提交|变更|缴费|查询|也)"
)
_TELLS_OFF = re.compile(r"投诉|追偿|起诉|仲裁|举报|为准|以[^。]{2,20}公布")
_NUMBER = r"(?<![\d月])(?:\d+|[一二两三四五六七八九十]+)"
_SPAN = rf"{_NUMBER}\s*(?:个工作日|个自然日|工作日|自然日|个月|日|天|周|小时|年)"
_WITHIN = re.compile(
    rf"{_SPAN}(?:之内|以内|内|之前|前|届满|起)|(?:不超过|最长|不少于|不低于|最晚|最迟|至少|超过|提前|有效期)[^，。；,;]{{0,4}}?{_SPAN}"
    rf"|{_SPAN}(?:不[再予]|才|的?时限|办结|到账)"
    r"|(?<!\d年)(?<!\d)\d+月(?:\d+日|底|份)?(?:之?前|底|开始|起|至|到|以前)|[次当](?:月|日|年)(?:起|生效|到账|\d+月)|长期有效|随时(?:办|申请|参保|缴)|有效期|[上下]半年|年底"
)
_TIMED = re.compile(
    r"办|申请|申领|缴|交|提交|登记|备案|审核|打款|告知|变更|生效|受理|补|到账|复核|转移|核定|完成|参保|征缴|投保|通知|有效|申报|评估|约定"
)
# 满2年、中断不超过3个月的 states who is meant, not when something is due.
_CONDITION = re.compile(
    rf"(?:满|累计|连续|中断|缴费)[^，。；,;]{{0,6}}?(?:不超过|超过)?\s*{_SPAN}(?:以内|以上|内)?的?[，,；;。]|等待期[^，。]{{0,8}}{_SPAN}"
    rf"|{_SPAN}[^，。]{{0,4}}等待期|不超过{_SPAN}的[，,]|(?:奖励|限额|封顶)"
)


def bare_heading(heading: str) -> str:
    """Return a heading or item without its number or bullet."""
    return _NUMBERING.sub("", heading, count=1)


def label_of(line: str) -> str:
    """Return what stands before the colon of `• 到哪里申领：…`, else an empty text."""
    found = _LABEL.match(bare_heading(line))
    return found[1] if found else ""


def heading_slots(heading: str) -> frozenset[SlotName]:
    """Return the slots that a heading or label announces; none for most."""
    return frozenset(slot for slot, pattern in _HEADINGS.items() if pattern.search(heading))


def subject_of(heading: str) -> str:
    """Return what a heading is about besides its slot and a time: 退休 of 怎么办理退休, nothing of 办理流程."""
    subject = _SAYS_NOTHING.sub("", bare_heading(heading).strip())
    return "" if _ONLY_TIME.fullmatch(subject) else subject


def is_remark(text: str) -> bool:
    """Say whether a text holds a remark about the page or an illustration, which speaks for no slot."""
    return _DOES_NOT.search(text) is not None


def fits(slot: SlotName, line: str, *, announced: bool) -> bool:
    """Say whether a line or sentence speaks for `slot`; under a heading that announces the slot less is asked of it."""
    if is_remark(line):
        return False
    if slot == "steps":
        return announced and (_DOES if is_item(line) or label_of(line) else _ACTS).search(line) is not None
    if slot == "papers":
        return (_NAMES_PAPER if announced else _BRINGS).search(line) is not None
    if slot == "channels":
        if _TELLS_OFF.search(line):
            return False
        return (_NAMES_PLACE if announced else _GOES).search(line) is not None
    if slot == "deadlines":
        rest = _CONDITION.sub("，", line)
        return _WITHIN.search(rest) is not None and (announced or _TIMED.search(rest) is not None)
    return False


# The sentence before the first heading that makes the headings themselves the steps.
_HEADINGS_ARE_STEPS = re.compile(r"(?:流程|步骤|程序|顺序)如下|以下(?:步骤|流程)|(?:多个|几个)步骤|操作指南")
_NO_STEP = re.compile(r"注意|其他|特殊|常见|提示|提醒|总结|小结|误区|须知")


def announces_steps(opening: str) -> bool:
    """Say whether the opening of an article makes its headings the steps: 流程如下."""
    return _HEADINGS_ARE_STEPS.search(opening) is not None


def is_step_heading(heading: str) -> bool:
    """Say whether a heading of such an article is a step, and no remark like 注意事项."""
    return _NO_STEP.search(heading) is None
