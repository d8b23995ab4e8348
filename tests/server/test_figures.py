"""Figures as Prometheus reads them."""

from agentreplay.server.figures import Figures


def test_a_histogram_counts_into_every_bucket_that_is_wide_enough() -> None:
    figures = Figures()

    figures.observe("agentreplay_snapshot_seconds", 0.02, operation="read", backend="s3")
    figures.observe("agentreplay_snapshot_seconds", 99, operation="read", backend="s3")

    told = [line for line in figures.text().splitlines() if line.startswith("agentreplay_snapshot_seconds")]
    assert [line for line in told if 'le="0.01"' in line] == []
    assert 'agentreplay_snapshot_seconds_bucket{operation="read",backend="s3",le="0.03"} 1' in told
    assert 'agentreplay_snapshot_seconds_bucket{operation="read",backend="s3",le="+Inf"} 2' in told
    assert 'agentreplay_snapshot_seconds_sum{operation="read",backend="s3"} 99.02' in told
    assert 'agentreplay_snapshot_seconds_count{operation="read",backend="s3"} 2' in told
    assert "# TYPE agentreplay_snapshot_seconds histogram" in figures.text()


def test_counters_are_told_before_anything_was_counted() -> None:
    assert "agentreplay_snapshot_operations_total 0" in Figures().text().splitlines()
