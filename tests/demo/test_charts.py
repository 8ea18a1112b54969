from smsgateway.demo.charts import common_scale, sparkline


def test_a_gap_parts_the_line_and_a_lone_month_is_a_dot() -> None:
    curve = sparkline([3.0, 4.0, None, 5.0], 3, 5)
    assert curve.lines == ["4.0,36.0 49.3,20.0"]
    assert curve.dots == [(140.0, 4.0)]
    assert curve.last == (140.0, 4.0)


def test_without_values_there_is_nothing_to_draw() -> None:
    assert sparkline([None, None], 1, 5).last is None


def test_curves_share_a_scale_that_holds_them_all() -> None:
    assert common_scale([4.1, 2.7], 3.0, 5.0, 0.5) == (2.5, 5.0)
    assert common_scale([], 3.0, 5.0, 0.5) == (3.0, 5.0)
