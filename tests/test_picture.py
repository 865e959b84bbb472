"""Pictures: sound XML whatever is in them, places that follow from the figures, and files that can be looked at."""

from __future__ import annotations

import math
import re
import struct
import xml.etree.ElementTree as ET
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.picture import Bar, Dot, Point, bars, dots, scatter, strip, trend
from index.picture_file import COLOURS, Picture, png, standalone

CSS = Path(__file__).resolve().parents[1] / "search_app" / "static" / "css"
NS = {"s": "http://www.w3.org/2000/svg"}
FORGED = '</text><script>alert(1)</script>"\' onload="x" &amp; ]]> \x00\x1b\ud800\ufffe\n断缴'


def read(svg: str) -> ET.Element:
    assert "\n" not in svg
    return ET.fromstring(svg)


def percent(element: ET.Element, name: str) -> float:
    value = element.get(name, "")
    assert value.endswith("%")
    return float(value[:-1])


def pictures(text: str) -> dict[str, str]:
    return {
        "bars": bars(text, text, [Bar(text, 3, text, text, href=text), Bar("乙", -1, low=-2, high=1)]),
        "trend": trend(text, text, {text: [Point("2023", 1, 0, 2, text), Point("2024", 2, 1, 3)], "乙": []}, unit=text),
        "dots": dots(text, text, [Dot(90, text, text, text), Dot(90, "x"), Dot(180, "y")], unit=text),
        "strip": strip(text, text, {text: [0, 0.5, 1]}, ends=(text, text)),
        "scatter": scatter(text, text, [1, 2], [3, 4], names=[text, ""], links=[text, "?q=1"]),
    }


@pytest.mark.parametrize("name", pictures(""))
@given(text=st.one_of(st.text(), st.just(FORGED)))
def test_no_text_breaks_a_picture_or_becomes_markup(name: str, text: str) -> None:
    root = read(pictures(text)[name])
    known = {"svg", "title", "desc", "g", "a", "rect", "line", "circle", "text", "polygon", "path"}
    assert {element.tag.removeprefix(f"{{{NS['s']}}}") for element in root.iter()} <= known
    for element in root.iter():
        assert not any(attribute.lower().startswith("on") for attribute in element.attrib)
    assert ET.fromstring(standalone(pictures(text)[name], note=text)) is not None


@pytest.mark.parametrize("name", pictures(""))
def test_a_picture_says_what_it_shows_and_takes_the_width_of_its_place(name: str) -> None:
    root = read(pictures("断缴 & 补缴")[name])
    title, desc = root.find("s:title", NS), root.find("s:desc", NS)
    assert title is not None
    assert desc is not None
    assert (title.text, desc.text) == ("断缴 & 补缴", "断缴 & 补缴")
    assert root.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"
    assert root.get("role") == ("group" if root.find(".//s:a", NS) is not None else "img")
    assert root.get("width") == "100%"
    assert pictures("a") == pictures("a")


def test_bars_are_as_long_as_their_figures_and_negative_ones_go_left() -> None:
    def spans(*values: float) -> list[tuple[float, float]]:
        root = read(bars("t", "d", [Bar("甲", value) for value in values]))
        return [(percent(rect, "x"), percent(rect, "width")) for rect in root.iterfind(".//s:rect", NS)]

    assert spans(10, 5, 0) == [(32, 50), (32, 25), (32, 0)]
    assert spans(30, -10) == [(44.5, 37.5), (32, 12.5)]
    assert spans(-10) == [(32, 50)]
    assert spans() == []
    whisker = read(bars("t", "d", [Bar("甲", 5, low=0, high=10)])).find(".//s:line[@class='pk-svg-whisker']", NS)
    assert whisker is not None
    assert (percent(whisker, "x1"), percent(whisker, "x2")) == (32, 82)


def test_a_long_name_stands_above_its_bar_and_is_shortened_on_no_telephone() -> None:
    root = read(bars("t", "d", [Bar("没赶上居民医保集中缴费期，等待期是多久？而且还要更长", 10, "12 篇")]))
    rect, (name, told) = root.find(".//s:rect", NS), root.findall(".//s:text", NS)
    assert rect is not None
    assert (percent(rect, "x"), percent(rect, "width")) == (0, 100)
    assert float(name.get("y", "")) < float(rect.get("y", ""))
    assert (name.text or "").endswith("…")
    assert 13 * (len(name.text or "") + 0.58 * 2 + 2) <= 320
    assert told.text == "12 篇"
    assert "而且还要更长" in (root.findtext(".//s:g/s:title", "", NS))


def test_a_line_follows_time_and_hollow_points_are_few() -> None:
    points = [Point("2024", 30), Point("2020", 10, 5, 20, few=True), Point("2021", 20, 10, 40)]
    root = read(trend("t", "d", points))
    circles = root.findall(".//s:circle", NS)
    assert [percent(circle, "cx") for circle in circles] == [12, 33.25, 97]
    # The scale goes to 40, of 160 pixels from 20 down.
    assert [float(circle.get("cy", "")) for circle in circles] == [140, 100, 60]
    assert [circle.get("class") for circle in circles] == ["pk-svg-a pk-svg-few", "pk-svg-a", "pk-svg-a"]
    band = root.find(".//s:polygon", NS)
    assert band is not None
    assert band.get("points") == "0,500 250,0 250,750 0,875"
    shown = [text.text for text in root.iterfind(".//s:text", NS)]
    assert shown == ["0", "10", "20", "30", "40", "2020", "2021", "2024"]
    months = read(trend("t", "d", [Point("2024-01", 1), Point("2024-07", 1), Point("2025-01", 1)]))
    assert [percent(circle, "cx") for circle in months.iterfind(".//s:circle", NS)] == [12, 54.5, 97]


def test_labels_across_are_left_out_before_they_meet() -> None:
    root = read(trend("t", "d", [Point(str(year), 1) for year in range(1990, 2027)]))
    years = [text.text for text in root.iterfind(".//s:text", NS) if text.text and text.text.startswith(("19", "20"))]
    assert 4 <= len(years) <= 7
    assert years[0] == "1990"


def test_more_series_than_can_be_told_apart_are_refused() -> None:
    root = read(trend("t", "d", {name: [Point(1, 1), Point(2, 2)] for name in "甲乙丙丁"}))
    dashes = [line.get("stroke-dasharray") for line in root.iterfind(".//s:line[@stroke-dasharray]", NS)]
    assert len(set(dashes)) == 3
    with pytest.raises(ValueError, match="found 5 series, expected at most 4"):
        trend("t", "d", {name: [] for name in "甲乙丙丁戊"})


def test_dots_of_one_value_are_stacked_and_labels_that_meet_go_a_level_down() -> None:
    root = read(
        dots("t", "d", [Dot(90, "90 日"), Dot(90, "90 日"), Dot(180, "180 日"), Dot(181, "181 日"), Dot(30, "30 日")])
    )
    places = [(percent(c, "cx"), float(c.get("cy", ""))) for c in root.iterfind(".//s:circle", NS)]
    assert [place[0] for place in places] == pytest.approx([6, 40.97, 40.97, 93.42, 94], abs=0.01)
    assert places[1][1] - places[2][1] == 14
    levels = {text.text: float(text.get("y", "")) for text in root.iterfind(".//s:text", NS)}
    assert levels["30 日"] == levels["90 日"] == levels["180 日"] == levels["181 日"] - 20
    many = read(dots("t", "d", [Dot(1, "一")] * 11))
    assert len(many.findall(".//s:circle", NS)) == 8
    assert "+3" in [text.text for text in many.iterfind(".//s:text", NS)]


def test_a_barcode_has_a_stroke_for_each_place() -> None:
    path = read(strip("t", "d", [0, 0.5, 0.5, 1])).find(".//s:path", NS)
    assert path is not None
    assert re.findall(r"M([\d.]+) ", path.get("d", "")) == ["0", "499.25", "998.5"]


def test_points_of_a_cloud_have_their_place_and_colour() -> None:
    root = read(scatter("t", "d", [0, 1, 3], [0, 5, 10], tones=[0, 12, -1], names=["甲", "乙", "丙"]))
    found = {
        group.get("class"): [(percent(c, "cx"), float(c.get("cy", ""))) for c in group.iterfind(".//s:circle", NS)]
        for group in root.findall("s:g", NS)
    }
    assert found == {"pk-svg-none": [(98, 10)], "pk-svg-t0": [(2, 410)], "pk-svg-t2": [(34, 210)]}


def size_of(data: bytes) -> tuple[int, int]:
    """Read a PNG with nothing but zlib: width and height, when all its pixels are there."""
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", data[16:24])
    packed, at = b"", 8
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        if data[at + 4 : at + 8] == b"IDAT":
            packed += data[at + 8 : at + 8 + length]
        at += 12 + length
    assert len(zlib.decompress(packed)) == height * (1 + 4 * width)
    return width, height


def test_a_file_is_as_wide_as_wanted_white_and_says_where_it_is_from() -> None:
    svg = bars("断缴", "d", [Bar("甲", 1, href="?q=a")])
    alone = standalone(svg, note="policykb · 0123")
    assert standalone(alone) == alone
    root = ET.fromstring(alone)
    assert root.find(".//s:a", NS) is None
    assert "href" not in alone
    assert [text.text for text in root.iterfind(".//s:text", NS)] == ["断缴", "甲", "policykb · 0123"]
    assert (root.get("width"), root.get("height")) == ("752", "110")
    rect = root.find("s:rect", NS)
    assert rect is not None
    assert rect.get("fill") == "#ffffff"
    assert size_of(png(svg, width=800, note="x")) == (800, math.ceil(110 * 800 / 752))
    # The letters are there: a picture without its name is another one.
    assert png(svg) != png(svg.replace("甲", "一"))
    assert png(svg) == png(svg)
    boxed = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 200"><circle r="9"/></svg>'
    assert size_of(png(boxed, width=332)) == (332, 232)
    with pytest.raises(ET.ParseError):
        png("<svg")


def test_files_have_the_light_colours_of_the_page() -> None:
    said = (CSS / "10-page.css").read_text(encoding="utf-8") + (CSS / "98-picture.css").read_text(encoding="utf-8")
    light = dict(re.findall(r"--pk-([\w-]+): light-dark\((#\w+),", said))
    light |= dict(re.findall(r"\.pk-svg-(t\d|none) \{ fill: light-dark\((#\w+),", said))
    light["a"] = light["accent"]
    assert {name: light[name] for name in COLOURS} == COLOURS


def _contrast(one: str, other: str) -> float:
    """The contrast of two colours as WCAG 2.2 defines it."""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_every_colour_stands_out_from_the_page_in_light_and_dark() -> None:
    said = (CSS / "98-picture.css").read_text(encoding="utf-8")
    pairs = re.findall(r"(?:--pk-[bcd]:|fill:) light-dark\((#\w+), (#\w+)\)", said)
    assert len(pairs) == 14
    for light, dark in pairs:
        assert _contrast(light, "#ffffff") >= 3, light
        assert _contrast(dark, "#1c1f22") >= 3, dark


def test_a_picture_shows_itself_in_a_notebook_and_is_saved_by_its_ending(tmp_path: Path) -> None:
    picture = Picture(bars("断缴", "d", [Bar("甲", 1)]), note="policykb build 0123")
    assert repr(picture) == "Picture('断缴')"
    assert picture._repr_svg_() == standalone(picture.svg, note="policykb build 0123")
    picture.save(tmp_path / "a.svg")
    picture.save(tmp_path / "a.PNG")
    assert (tmp_path / "a.svg").read_text(encoding="utf-8") == f"{picture._repr_svg_()}\n"
    assert (tmp_path / "a.PNG").read_bytes() == png(picture.svg, note="policykb build 0123")
    with pytest.raises(ValueError, match=r"found a.jpg, expected .* \.svg or \.png"):
        picture.save(tmp_path / "a.jpg")
