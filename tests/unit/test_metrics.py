"""cAdvisor's text, as a kubelet gives it."""

from helpers.kube.metrics import parse

TEXT = """\
# HELP container_cpu_cfs_periods_total Number of elapsed enforcement period intervals.
# TYPE container_cpu_cfs_periods_total counter
container_cpu_cfs_periods_total{container="",id="/a",image="",name="",namespace="ns",pod="p"} 9 1700000001000
container_cpu_cfs_periods_total{container="burn",id="/a",image="i",name="n",namespace="ns",pod="p"} 120 1700000001500
container_cpu_cfs_throttled_periods_total{container="burn",namespace="ns",pod="p"} 90 1700000001500
container_cpu_cfs_throttled_seconds_total{container="burn",namespace="ns",pod="p"} 4.5 1700000001500
container_cpu_usage_seconds_total{container="burn",cpu="total",namespace="ns",pod="p"} 6.25 1700000001500
container_cpu_usage_seconds_total{container="burn",cpu="total",namespace="other",pod="p"} 7 1700000001500
container_memory_working_set_bytes{container="burn",namespace="ns",pod="p"} 1.048576e+06 1700000001500
container_memory_working_set_bytes{container="burn",namespace="ns",pod="p2"} 1 1700000001500
container_fs_reads_total{container="burn",namespace="ns",pod="p"} 1 1700000001500
"""  # noqa: E501


def test_one_containers_numbers_and_no_others() -> None:
    assert parse(TEXT, "ns", "p", "burn") == {
        "periods": 120,
        "throttled": 90,
        "throttled_seconds": 4.5,
        "cpu_seconds": 6.25,
        "working_set_bytes": 1048576,
        "time": 1700000001.5,
    }


def test_a_container_that_is_not_known_has_no_numbers() -> None:
    assert parse(TEXT, "ns", "p", "other") == {}
    assert parse("", "ns", "p", "burn") == {}
