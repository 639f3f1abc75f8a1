"""Figures for Prometheus: how many, how long, how deep; never who, what or which case."""

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)

CONTENT_TYPE = CONTENT_TYPE_LATEST
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """The bot's figures, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self._turns = Counter("weegwijzer_turns", "Turns by outcome", ["outcome"], registry=self.registry)
        self._refusals = Counter(
            "weegwijzer_refused_requests", "Requests and turns that were refused", ["code"], registry=self.registry
        )
        self._seconds = Histogram(
            "weegwijzer_turn_seconds", "From request to answer", buckets=_SECONDS, registry=self.registry
        )
        self._outbox = Gauge("weegwijzer_outbox_depth", "Owed work that is not done", registry=self.registry)

        self._damage = Gauge("weegwijzer_damage", "Findings of the last check of the store", registry=self.registry)

    def damage(self, findings: int) -> None:
        """Say how much the last check of the store found."""
        self._damage.set(findings)

    def turn(self, outcome: str, seconds: float) -> None:
        """Count a turn: answered, ignored, not_stored, unsaid or failed."""
        self._turns.labels(outcome).inc()
        self._seconds.observe(seconds)

    def refused(self, code: str) -> None:
        """Count a request that did not pass the gate, or a turn that the desk refused, by its code."""
        self._refusals.labels(code).inc()

    def outbox(self, depth: int) -> None:
        """Say how much owed work is not done."""
        self._outbox.set(depth)

    def text(self) -> bytes:
        """Give all figures in Prometheus' text form."""
        return generate_latest(self.registry)
