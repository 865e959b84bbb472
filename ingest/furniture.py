"""Names the page furniture that is no recommendation item by its words: tips, "read more", share bars, copyright.

Each rule looks at one line and says its name and evidence, or None. It must match the whole line, because an article
may well speak of sharing or of copyright, and tells citizens to scan a code or to download an application. What the
place of a block in the tree says is left to `places`; what repeats across the pages of a site is not learned here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_INVISIBLE = re.compile(r"[\s\u200b-\u200f\u2060\ufeff\u00ad]+")
_MAX_CHARS = 160


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that fired: its name, what it saw in words, and how sure it is (0 to 1)."""

    rule: str
    evidence: str
    confidence: float


@dataclass(frozen=True, slots=True)
class _Rule:
    """A rule on a line: `pattern` reads it without white space and in small letters, if it has at most `max_chars`.

    Whatever `pattern` matches has one of `words`: they are looked for first, which is what makes it fast.
    """

    name: str
    evidence: str
    confidence: float
    max_chars: int
    words: tuple[str, ...]
    pattern: re.Pattern[str]


# Several ++ below are possessive: 微信扫一扫 reads two ways, and backtracking would double with each.
_LINES: tuple[_Rule, ...] = (
    _Rule(
        "tip",
        "a disclaimer that stands on many pages",
        0.95,
        160,
        ("示:", "示：", "醒:", "醒：", "明:", "明：", "注:", "注：", "侵权", "仅供参考"),
        re.compile(
            r"^(?!(?:说明|注)[:：][^侵]*仅供参考)[(（【\[]?(?:温馨|友情|特别|健康|小)?(?:提示|提醒|声明|免责声明|版权声明|说明|注)[】\])）]?[:：].{0,60}"
            r"(?:不能代替面诊|不能替代|代替医生|不作为(?:诊断|诊疗|医疗)|遵医嘱|及时就医|尽快就医|到医院就诊"
            r"|不代表(?:本站|本网|平台)|仅供参考|侵权|联系(?:我们|本站)删除).{0,60}$"
            r"|^[(（【\[*※]*(?:本[文站网页]|以上|文中|部分|该文)(?:章|的)?(?:内容|信息|图片|素材|文章|观点|作品|图文|文字)?(?:均|部分|系|和|及|、|图片|文字)*"
            r"(?:来源于?|来自于?|转载自?|整理自|源于|收集于)(?:网络|互联网|网上|第三方).{0,60}(?:侵权|删除|联系|参考|无关).{0,40}$"
            r"|^(?:如有|若有|涉及|如涉及|如|若)?侵权.{0,24}(?:删除|联系|处理).{0,30}$"
        ),
    ),
    _Rule(
        "read_more",
        "a button that opens more",
        0.95,
        28,
        (
            "查看",
            "阅读",
            "展开",
            "显示",
            "浏览",
            "收起",
            "加载",
            "剩余",
            "下一页",
            "了解",
            "更多了",
            "到底",
            "more",
            "reading",
            "all",
            "less",
            "loading",
        ),
        re.compile(
            r"^[\W_]*(?:点击|点此|点我)?(?:查看|阅读|展开|显示|浏览){1,2}(?:完整版?|更多|全文|全部|剩余|余下|原文|详情)(?:内容|全文|文章)?[\W_]*$"
            r"|^[\W_]*(?:点击查看完整版|展开|收起|收起全文|加载更多|点击加载更多|正在加载|加载中|查看完整内容|继续阅读|剩余\d+%|下一页|了解更多|了解详情|没有更多了|已经到底了|到底了)[\W_]*$"
            r"|^[\W_]*(?:readmore|continuereading|keepreading|seemore|showmore|loadmore|viewmore|viewall|seeall|learnmore|showless|loading)[\W_]*$"
        ),
    ),
    _Rule(
        "read_more",
        "one line that points to another article",
        0.85,
        120,
        (":", "："),
        re.compile(
            r"^[\W_]*(?:相关阅读|推荐阅读|更多阅读|关联阅读|热门阅读|上期回顾|猜你喜欢|点击阅读|readmore|alsoread|readnext|relatedarticles?|relatedstor(?:y|ies)|don'tmiss|youmayalsolike)"
            r"[:：].{4,110}(?<![。；;])$"
        ),
    ),
    _Rule(
        "share",
        "a bar of sharing and reading tools",
        0.9,
        120,
        (
            "分享",
            "微信",
            "朋友圈",
            "qq",
            "微博",
            "豆瓣",
            "钉钉",
            "复制",
            "扫一扫",
            "收藏",
            "点赞",
            "打印",
            "关闭",
            "字体",
            "字号",
            "大中",
            "大|中",
            "大/中",
            "举报",
            "纠错",
            "顶部",
            "top",
            "赞",
            "评论",
            "share",
            "facebook",
            "twitter",
            "tweet",
            "whatsapp",
            "linkedin",
            "reddit",
            "pinterest",
            "telegram",
            "messenger",
            "instagram",
            "email",
            "print",
            "copy",
        ),
        re.compile(
            r"^(?![大中小]$)(?:分享(?:本文|文章|按钮)?(?:到|至|给(?:好友|朋友))?|微信(?:扫一扫|好友|朋友圈)?|朋友圈|qq(?:空间|好友)?|新浪微博|腾讯微博|微博|豆瓣|钉钉|复制链接|链接已复制|扫一扫"
            r"|收藏|点赞|打印(?:本页|本文)?|关闭(?:窗口|本页)?|字体|字号|大|中|小|默认|举报|纠错|返回顶部|回到顶部|top|[:：|｜/·•\[\]【】()（）<>\-—,，、]"
            r"|\d+(?:人)?(?:赞|收藏|评论))++$"
            r"|^(?:sharethis(?:article|story|post|page)?|share(?:on|via)?|facebook|twitter|tweet|whatsapp|linkedin|reddit|pinterest|telegram|messenger|instagram"
            r"|email(?:this(?:article)?)?|print(?:this)?(?:page|article)?|copylink|linkcopied!?|sharethisvia|[:|/·,&\-])++$"
        ),
    ),
    _Rule(
        "vote",
        "buttons and questions about the page itself",
        0.9,
        40,
        ("有用", "没用", "无用", "顶", "踩", "赞", "喜欢", "收藏", "支持", "反对", "满意", "帮助", "helpful", "useful"),
        re.compile(
            r"^(?:(?:有用|没用|无用|顶|踩|赞|点赞|打赏|赞赏|喜欢|不喜欢|收藏|支持|反对|满意|不满意)[(（]\d+[)）])+$"
            r"|^(?:打赏|赞赏|赞赏作者|打赏作者|点个赞|觉得不错.{0,10}点.{0,2}赞.{0,6}|给作者点赞|\d+人(?:已)?(?:打赏|赞赏))$"
            r"|^(?:(?:这篇|此|本)(?:文章|文|回答|内容)|以上(?:内容|回答|解答|信息)|该(?:回答|内容))(?:对[你您])?(?:是否|有没有)?(?:有帮助|有用|满意)[吗么]?[?？]?(?:(?:是|否|有用|没用|有帮助|没帮助|满意|不满意)[/|]?)*$"
            r"|^wasthis(?:article|page|answer)?(?:helpful|useful)\??(?:yes|no|/|\|)*$"
        ),
    ),
    _Rule(
        "advertisement",
        "an advertisement or the place of one",
        0.9,
        60,
        ("广告", "推广", "赞助", "advert", "sponsor", "promoted", "红包", "优惠券"),
        re.compile(
            r"^[\W_]*(?:广告|广告位.{0,8}|推广|推广链接|赞助(?:内容|商)?|advertisements?|advertising|sponsored(?:content|by.{0,30})?|promoted(?:content|stories)?|advertisement-?continuereadingbelow|continuereadingbelow-?advertisement|storycontinuesbelowadvertisement|广告x|x广告|关闭广告|跳过广告)[\W_]*$"
            r"|^.{0,20}(?:下载|注册|打开|登录).{0,16}(?:领取?|抢|送).{0,10}(?:红包|优惠券|现金).{0,10}$"
        ),
    ),
    _Rule(
        "follow",
        "asks to follow, scan or download the site",
        0.9,
        60,
        ("扫", "关注", "长按", "app", "客户端", "公众号", "小程序", "二维码"),
        re.compile(
            r"^[\W_]*(?:(?:请|用|打开|使用|微信|手机|或|可|进行)*(?:扫码|扫一扫|扫描|长按|扫下方|扫上方|识别|点击(?:上方|下方|蓝字))(?:上方|下方|上图|下图|左侧|右侧|图中|此|该|识别|或|扫描|二维码|即可|并|,|，|、)*)"
            r"(?:关注(?:我们|公众号|本站|微信|官方微信|官微|微信公众号)?|加入.{0,6}群|加群|手机(?:阅读|浏览|访问|看|查看)|分享(?:给|到|至).{0,8}|阅读(?:更多|全文)?|继续阅读|下载(?:app|客户端)|打开(?:当前|本)?页面?|访问手机版|进群.{0,8})[\W_]*$"
            r"|^[\W_]*(?:(?:欢迎|请|记得|点击|赶快|立即|马上)*关注(?:我们|本站|本号|我|官微|我们的(?:微信)?公众号|微信公众号|官方微信|官方微博|公众号|下方公众号)|官方微信|官方微博|官方公众号|微信公众号|公众号|微信二维码|扫码关注|扫码下载|二维码)[\W_]*$"
            r"|^[\W_]*(?:立即|马上|点击|免费|请)?(?:(?:下载|安装)(?:app|客户端|手机客户端)|(?:在|前往|打开|下载).{0,10}(?:app|客户端)(?:内)?(?:打开|阅读|查看|看)(?:更多|全文|完整|精彩|内容|体验|更佳|文章|,|，)*|app内打开|app下载|客户端下载|下载手机版|手机版|电脑版)[\W_]*$"
        ),
    ),
    _Rule(
        "newsletter",
        "asks to subscribe or to sign in",
        0.9,
        140,
        (
            "newsletter",
            "inbox",
            "subscri",
            "signup",
            "signin",
            "login",
            "alerts",
            "notifications",
            "register",
            "登录",
            "注册",
            "订阅",
        ),
        re.compile(
            r"^(?:sign-?upfor|subscribeto|subscribe|getour|getthe|joinour|receiveour|enteryouremail|followour)(?:.{0,80}(?:newsletter|inbox|alerts|updates|notifications).{0,50}|(?:now|today|here)?)$"
            r"|^(?:log-?in|sign-?in|sign-?up|register)(?:[/|·]|or)?(?:log-?in|sign-?in|sign-?up|register)?$|^(?:already)?a?(?:subscriber|member)\??(?:login|signin).{0,20}$"
            r"|^(?:请先?|您?还?没有|立即|马上|免费)?(?:登录|注册|登陆)(?:[/|｜·]|或|后)?(?:登录|注册|登陆)?(?:后(?:查看|阅读|继续|可见).{0,10})?$|^订阅(?:我们|本站|rss|推送|更新)?$"
        ),
    ),
    _Rule(
        "comment_bar",
        "heads the readers' comments",
        0.9,
        40,
        ("评论", "沙发", "说点什么", "跟帖", "留言", "comment", "参与讨论"),
        re.compile(
            r"^[\W_]*(?:(?:发表|我要|写|网友|全部|最新|热门|精彩|用户|查看|提交|文章|更多|我来|我要发)*(?:评论|跟帖)(?:区|列表)?(?:[(（]?\d+[)）]?条?)?|共?\d+条?评论|(?:暂无|还没有|没有)评论.{0,14}|(?:请先?)?登录后?(?:才|可以?|方可|即可|参与|发表)*(?:发表)?评论.{0,8}|(?:快来|赶快|来)?抢沙发.{0,6}|说点什么.{0,8}|发表(?:您|你|我)的(?:看法|评论|留言)|我要留言|网友留言|参与讨论"
            r"|\d*comments?(?:\(\d+\))?|(?:leave|post|add|write)acomment|nocommentsyet.{0,20}|jointheconversation|viewcomments?|showcomments?|hidecomments?)[\W_]*$"
        ),
    ),
    _Rule(
        "breadcrumb",
        "the path to this page",
        0.9,
        120,
        (">", "＞", "»", "›", "/", "→", "位置"),
        re.compile(
            r"^(?:(?:您的?|你的?)?(?:当前|现在|所在)?的?(?:位置|所在位置)[:：].*|(?:网站|返回)?首页(?:[>＞»›/→\-]+[^>＞»›/→\-]{1,20})+[>＞»›/→\-]*"
            r"|(?:[^>＞»›]{1,12}[>＞»›]+){1,6}(?:正文|详情|内容|查看|文章详情|新闻详情)|home(?:[>»›/]+[^>»›/]{1,40})+)$"
        ),
    ),
    _Rule(
        "neighbours",
        "links to the pages before and after",
        0.9,
        100,
        ("上一", "下一", "前一", "后一", "上篇", "下篇", "previous", "next", "没有了", "返回", "回到"),
        re.compile(
            r"^[\W_]*(?:上一篇|下一篇|上一页|下一页|前一篇|后一篇|上一条|下一条|上一章|下一章|上篇|下篇|previous(?:article|post|story)?|next(?:article|post|story))(?:[:：].{0,80}|[\W_]*)$"
            r"|^[\W_]*(?:没有了|上一篇下一篇|返回列表|返回上一页|返回首页|返回上级|返回目录|回到首页)[\W_]*$"
        ),
    ),
    _Rule(
        "copyright",
        "copyright, registration and contact of the site",
        0.9,
        160,
        (
            "©",
            "copyright",
            "版权",
            "备案",
            "icp",
            "公网安备",
            "rightsreserved",
            "不良信息",
            "标识码",
            "许可证",
            "转载",
            "授权",
        ),
        re.compile(
            r"^.{0,40}(?:©|copyright|版权所有(?![人者])|icp备|icp证|公网安备|allrightsreserved|违法和不良信息举报|网站标识码|增值电信业务经营许可证|信息服务许可证).{0,120}$"
            r"|^[(（【\[*※]*(?:未经|非经).{0,12}(?:授权|许可|同意|允许).{0,12}(?:不得|禁止|请勿|严禁|谢绝).{0,6}(?:转载|复制|使用|摘编).{0,30}$"
            r"|^[(（【\[*※]*(?:本[文站网](?:章|内容|稿)?)?(?:系|为|属|均)?.{0,8}(?:原创|独家).{0,12}转载.{0,30}$|^[(（【\[*※]*(?:如需|欢迎|请勿|禁止|严禁|若)?转载(?:请|须|需|时)?(?:务必)?(?:注明|标明|联系|保留).{0,30}$"
            r"|^[(（【\[*※]*(?:文章|本文|图片|作品|内容)?(?:的)?(?:著作|版)权(?:归|属)(?:于)?.{0,12}(?:作者|所有|原).{0,20}$"
        ),
    ),
    _Rule(
        "site_links",
        "links to pages about the site",
        0.85,
        120,
        (
            "关于",
            "网站",
            "隐私",
            "协议",
            "条款",
            "友情",
            "首页",
            "收藏",
            "手机版",
            "诚聘",
            "加入我们",
            "广告",
            "商务",
            "声明",
            "联系",
            "帮助",
            "意见",
            "投诉",
            "招聘",
            "rss",
            "app",
            "客户端",
            "登录",
            "注册",
            "about",
            "contact",
            "privacy",
            "terms",
            "sitemap",
            "help",
            "careers",
            "cookie",
        ),
        re.compile(
            r"^[\W_]*(?:关于我们|网站地图|隐私政策|隐私条款|用户协议|服务条款|友情链接|设为首页|加入收藏|手机版|网站首页|诚聘英才|加入我们|广告合作|商务合作|广告服务|法律声明|aboutus|contactus|privacypolicy|termsofuse|termsofservice|cookiepolicy|sitemap)[\W_]*$"
            r"|^(?:(?:关于我们|联系我们|联系方式|网站地图|免责声明|隐私(?:政策|条款|声明)|用户协议|服务条款|服务协议|广告合作|广告服务|商务合作|合作伙伴|友情链接|帮助中心|意见反馈|投诉建议|加入我们|诚聘英才|招聘信息|法律声明|版权声明|设为首页|加入收藏|手机版|电脑版|网站首页|首页|rss|app下载|客户端|登录|注册|关于|about(?:us)?|contact(?:us)?|privacy(?:policy)?|terms(?:ofuse|ofservice)?|sitemap|help|careers|advertise)[|｜·/\-—>•,，、]*){2,}+$"
        ),
    ),
)


# One search tells most lines of an article from all of these.
_HINT = re.compile("|".join(sorted({re.escape(word) for rule in _LINES for word in rule.words})))


def line_finding(line: str) -> Finding | None:
    """Return the furniture rule that the words of `line` meet, or None."""
    if len(line) > 2 * _MAX_CHARS:
        return None
    squeezed = _INVISIBLE.sub("", line).lower()
    size = len(squeezed)
    if not squeezed or size > _MAX_CHARS or not _HINT.search(squeezed):
        return None
    for rule in _LINES:
        if size <= rule.max_chars and rule.pattern.match(squeezed):
            return Finding(rule.name, rule.evidence, rule.confidence)
    return None
