"""What publishing and taking back say line by line, in the words of a page: nothing of it stays in English there."""

from __future__ import annotations

import pytest

from pricesmith.apps.cli.publish import because, worded
from pricesmith.apps.web.words import Words
from pricesmith.flows.publishing.sending.reasons import Reason

ZH, EN = Words("zh"), Words("en")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "139 held; 175 still to come, the next at 2026-11-28 15:17 UTC",
            "被护栏拦下：139；另有 175 个待发出，下一批时间：2026-11-28 15:17 UTC",
        ),
        ("2 applied, 1 held", "已生效：2、被护栏拦下：1"),
        ("nothing was due; 23 still to come, the next now", "没有应发送的价格；另有 23 个待发出，现在即可继续"),
        ("web: 23 same; 4 had not left yet and leave no more", "web：原已是此价：23；4 个尚未发出，且不再发出"),
        ("web: nothing to restore", "web：没有可退回的价格"),
        ("web: something else", "web: something else"),
        ("nothing was sent; 78 still to come", "未发送任何价格；另有 78 个待发出"),
        (
            "  nothing more leaves: this code and these settings are not attested",
            "  不再发出任何价格：此程序与设置尚未获得发布授权",
        ),
    ],
)
def test_counts_are_said(line: str, expected: str) -> None:
    assert (ZH.line(line), EN.line(line)) == (expected, line)


def test_guards_and_their_reasons_are_said() -> None:
    assert ZH.line("  " + worded("G4", "dwell")) == "  G4 调价频率：价格刚刚调整过或刚刚首次读取，稍后方可再调"
    assert ZH.line(worded("", "paced")) == ZH("guardcode_paced")


def test_why_prices_did_not_come_is_said_with_what_to_do() -> None:
    first, remedy, *_ = because([Reason("rejected", "not_in_shop", "no row A1", 3)])
    assert ZH.line(first).strip() == f"{ZH('ap_fate_rejected')} 3：{ZH('guardcode_not_in_shop')}：no row A1"
    assert ZH.line(remedy).strip() == f"处理办法：{ZH('ap_remedy_not_in_shop')}"


def test_why_a_channel_is_stopped_is_said() -> None:
    assert ZH.error("nothing more leaves: G5 breaker; G17 not_attested") == (
        f"不再发出任何价格：{ZH.held('G5', 'breaker')}；{ZH.held('G17', 'not_attested')}"
    )
    assert ZH.error("nothing more leaves: stopped by ana: a wrong feed") == "不再发出任何价格：停止者：ana: a wrong feed"
    assert (ZH.why("breaker; the feed; is wrong"), EN.why("wrong; feed")) == (
        ZH("guardcode_breaker") + "; the feed; is wrong",
        "wrong; feed",
    )


def test_tables_for_a_terminal_are_left_out_in_another_language_alone() -> None:
    lines = ["choosing prices ...", "", "G012  15.99  17.99  may leave later", "保温杯 12.99"]
    assert ZH.lines(lines) == ["正在选择价格 ……", "", "保温杯 12.99"]
    assert EN.lines(lines) == lines
