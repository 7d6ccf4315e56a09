"""What a newsroom writes around an article: datelines, bylines, captions, photo credits, continuation notes."""

import random
from dataclasses import dataclass

_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶"
    "阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
_GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华慧建国志文辉力鹏飞宇轩晨曦思远一鸣小川雨欣子涵浩然"
    "佳琪婷雪梅春晓东海波林峰凯旋瑞泽宁安康乐天成立新亚庆辛远希贤红维坤钦晶莹颖"
)
_PLACES = (
    "北京", "上海", "天津", "重庆", "广州", "深圳", "杭州", "南京", "武汉", "成都", "西安", "兰州", "南昌",
    "长沙", "合肥", "福州", "济南", "郑州", "太原", "沈阳", "长春", "哈尔滨", "呼和浩特", "乌鲁木齐", "拉萨",
    "西宁", "银川", "昆明", "贵阳", "南宁", "海口", "石家庄", "宁波", "厦门", "青岛", "大连", "苏州", "赣州",
    "三亚", "香港", "澳门", "台北", "华盛顿", "纽约", "伦敦", "巴黎", "柏林", "莫斯科", "东京", "首尔", "新德里",
    "开罗", "内罗毕", "日内瓦", "布鲁塞尔", "堪培拉", "联合国", "雅加达", "阿布扎比",
)  # fmt: skip
_AGENCIES = (
    ["新华社"] * 8
    + ["本报"] * 6
    + ["中新社", "人民日报", "光明日报", "科技日报", "经济日报", "央视网", "人民网", "中国新闻网"]
)
_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


@dataclass(frozen=True, slots=True)
class Dateline:
    """A dateline as printed, and what it says; `month` and `day` are 0 where it names no day."""

    text: str
    source: str
    place: str
    year: int
    month: int
    day: int


def draw_name(rng: random.Random) -> str:
    """A person's name, made up; short ones are sometimes spread to the width of three characters."""
    given = "".join(rng.sample(_GIVEN, rng.choice([1, 2, 2])))
    surname = rng.choice(_SURNAMES)
    return f"{surname}\u3000{given}" if len(given) == 1 and rng.random() < 0.15 else surname + given


def draw_dateline(rng: random.Random, month: int, day: int, year: int, *, at_end: bool) -> Dateline:
    """A dateline for the top of an article, or for the line that signs it off."""
    source, place = rng.choice(_AGENCIES), rng.choice(_PLACES)
    stated = year if rng.random() < 0.12 else 0
    when = f"{stated}年{month}月{day}日" if stated else f"{month}月{day}日"
    plain = f"{source}{place}{when}电"
    forms: list[tuple[str, str, str, bool]] = [(plain, source, place, True)] * 8 + [
        (f"{source}{place}{when}讯", source, place, True),
        (f"{source} {place} {when}电", source, place, True),
        (f"（{plain}）", source, place, True),
        (f"据新华社{place}{when}电", "新华社", place, True),
    ]
    if at_end:
        forms += [
            (f"（{when} {source}）", source, "", True),
            (f"({when} {source})", source, "", True),
            (f"（据{plain}）", source, place, True),
            (f"（{plain}）", source, place, True),
        ]
    else:
        forms += [
            (f"{source}{place}{when}消息", source, place, True),
            (f"【{plain}】", source, place, True),
            ("本报讯", "本报", "", False),
            ("据新华社电", "新华社", "", False),
            (f"{source}{place}电", source, place, False),
        ]
    text, source, place, dated = rng.choice(forms)
    if rng.random() < 0.12:
        text = text.translate(_FULL_WIDTH)
    if not dated:
        return Dateline(text, source, place, 0, 0, 0)
    return Dateline(text, source, place, stated, month, day)


def draw_byline(rng: random.Random, *, bracketed: bool) -> tuple[str, tuple[str, ...]]:
    """A byline and the names in it; `bracketed` is the form that stands behind a dateline."""
    names = tuple(draw_name(rng) for _ in range(rng.choice([1, 1, 1, 2, 2, 3, 5])))
    listed = rng.choice(["、", " ", "　"]).join(names)
    if bracketed:
        return rng.choice(
            [f"（记者{listed}）", f"（记者 {listed}）", f"(记者{listed})", f"（本报记者{listed}）"]
        ), names
    forms = [
        f"本报记者 {listed}", f"本报记者{listed}", f"新华社记者{listed}", f"新华社记者 {listed}", f"（记者{listed}）",
        f"（本报记者 {listed}）", f"记者 {listed}", f"□ 本报记者 {listed}", f"■本报记者 {listed}", f"通讯员 {listed}",
        f"文/{listed}", f"作者：{listed}", f"记者{listed}", f"本报驻外记者 {listed}",
    ]  # fmt: skip
    return rng.choice(forms), names


def draw_caption(rng: random.Random, clause: str, month: int, day: int) -> str:
    """A caption or a photo credit; `clause` is what the picture shows."""
    name = draw_name(rng)
    return rng.choice(
        [
            f"新华社发 {name} 作", f"新华社记者 {name} 摄", f"新华社发（{name}摄）", f"本报记者 {name}摄", f"{name} 摄",
            f"图为{clause}。", f"图为{clause}。 本报记者 {name} 摄", f"▲{clause}", f"上图：{clause}。",
            f"{month}月{day}日，{clause}。新华社记者 {name} 摄", f"{clause}。 {name}摄（影像中国）",
            f"{clause}。（资料图片）", f"制图：{name}", f"图①：{clause}。", f"▼{clause}。{name}摄",
            f"{month}月{day}日，{clause}。新华社发（{name}摄）",
        ]
    )  # fmt: skip


def draw_jump(rng: random.Random, page: int) -> tuple[str, str]:
    """A continuation note and its counterpart: `（下转第4版）`, `（上接第1版）`."""
    forward, back = rng.choice(
        [
            ("（下转第{}版）", "（上接第{}版）"),
            ("▶下转{:02}版", "▶上接{:02}版"),
            ("（下转第{}版）", "（紧接第{}版）"),
            ("下转第{}版", "上接第{}版"),
        ]
    )
    return forward.format(page), back.format(1)
