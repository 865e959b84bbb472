"""What kind of thing a question asks for (a number, a time, a place, steps …), and whether a sentence offers that kind.

Expected answer types come from question answering (Li and Roth, Learning Question Classifiers, 2002); ten kinds are
enough here. A sentence that offers the kind need not answer; one that does not hardly can. How much that counts is
measured with the rest of the evidence (index/answering/candidates.py), nothing is decided here.
"""

from __future__ import annotations

import re

_NUMBER = r"(?:\d|[一二两三四五六七八九十百千万半])"
# kind -> (words of the question, words of a sentence that offers it)
_KINDS: dict[str, tuple[str, str]] = {
    "duration": (
        r"多久|多长|几[个天年周岁]|几个?月|多少[个天年月岁]|何时|什么时候|啥时候|哪天|哪年|几号|几点|期限|有效期|截止|最晚|最迟|时限|满多少",
        rf"{_NUMBER}\s*(?:个工作日|个月|个自然|年|月|日|天|周|小时|岁)|当[月日年天]|次[月日年]|即时|长期有效|终身|每年|每月",
    ),
    "money": (
        r"多少钱|几块|几百|几千|几万|多少元|多贵|掏多少|交多少|缴多少|花多少|领多少|发多少|拿多少|补多少|工本费|标准|额度|限额|金额|基数|封顶|起付|门槛",
        rf"{_NUMBER}\s*(?:元|万|块)|[%％‰]|百分之|免费|不收|公式|基数|[÷×]|限额",
    ),
    "times": (r"几[次趟回遍]|多少[次趟回遍]", rf"{_NUMBER}\s*[次趟回遍]|首次|每次|次数"),
    "share": (
        r"比例|几成|百分之|报多少|报几|费率|税率|打几折|报得多|报得少",
        r"[%％‰]|百分之|[一二三四五六七八九]成|比例|费率|高于|低于",
    ),
    "place": (
        r"哪里|哪儿|在哪|去哪|到哪|上哪|地点|哪个(?:部门|平台|网站|软件|app|窗口|单位|医院)|什么地方|哪家",
        r"窗口|大厅|社区|街道|乡镇|网点|官网|网站|app|平台|小程序|公众号|医院|药店|机构|部门|局|中心|柜台|银行|站点|现场|参保地|就医地|户籍地|居住地",
    ),
    "steps": (
        r"怎么(?:办|弄|申|查|交|缴|转|绑|报|领|取|用|开|登|操作|恢复|续|退|停|参|补|换|算)|如何|流程|步骤|手续|咋(?:办|弄|查|交|转|领|报|用|绑)|怎样|程序|操作|方法|方式",
        r"办理|登录|提交|携带|填写|申请|点击|通过|选择|持|凭|打开|进入|登记|确认|→|先|然后|扫码|按",
    ),
    "papers": (
        r"材料|证件|资料|带什么|带啥|证明|表格|什么表|单据|凭证",
        r"身份证|户口|材料|证明|表|凭证|复印件|证件|发票|病历|清单|照片|合同|证",
    ),
    "who": (
        r"谁|哪些人|什么人|哪类人|哪种人|对象|范围|哪些亲|哪个(?:出|付|掏)",
        r"人员|人|配偶|父母|子女|居民|职工|学生|单位|基金|儿童|家庭|个人|机构|局",
    ),
    "why": (r"为什么|为啥|为何|原因|怎么回事|咋回事|凭什么", r"因|由于|原因|导致|造成|所以|需|未"),
    "whether": (
        r"吗|么[?？]?$|能不能|可不可以|是否|能否|要不要|有没有|是不是|会不会|行不行|算不算|用不用|给不给|可以.{0,12}[?？]|还能|能.{1,12}[?？不]",
        r"可以|不|能|应|无需|不予|须|允许|仍|可|均|都|需|视为|视同|属于|按规定|享受|纳入|免",
    ),
}
_ASKS = {kind: re.compile(asks, re.I) for kind, (asks, _) in _KINDS.items()}
_OFFERS = {kind: re.compile(offers, re.I) for kind, (_, offers) in _KINDS.items()}


def asked_kinds(question: str) -> tuple[str, ...]:
    """Return the kinds of thing that `question` asks for, in a fixed order; none where it is a bare keyword."""
    return tuple(kind for kind, asks in _ASKS.items() if asks.search(question))


def offered(kinds: tuple[str, ...], sentence: str) -> float:
    """Return the share of `kinds` that `sentence` offers, 0 to 1; a half where nothing is asked for."""
    if not kinds:
        return 0.5
    return sum(_OFFERS[kind].search(sentence) is not None for kind in kinds) / len(kinds)
